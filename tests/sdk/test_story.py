"""An image's life between two accounts, by nothing but the official SDK."""

from __future__ import annotations

from .clients import (
    MARKS,
    NOT_THERE,
    ids,
    new_image,
    new_instance,
    public_image,
    refusal,
    wait_for_image,
    wait_for_instance,
)

pytestmark = MARKS


def test_whole_story(server):
    owner, friend = server.make_account("story-owner"), server.make_account("story-friend")
    a, b = server.client(owner), server.client(friend)

    machine = new_instance(a, public_image(a, "Ubuntu-22.04-LTS"), name="builder")
    answer = a.create_image_from_instance_id("golden-1.0", instance_id=machine)
    golden = wait_for_image(a, answer.image_id)
    assert (golden.name, golden.type, golden.os_name) == ("golden-1.0", "Custom", "Ubuntu")
    assert (golden.shared_to_user_num, golden.share_to_user_num_limit) == (0, 50)

    assert refusal(b.get_image, golden.id) == NOT_THERE
    for named in (
        {"account": friend.account},
        {"account_id": friend.account_id},
        {"ucaccount": friend.uc_account},
    ):
        a.share_image(golden.id, **named)
        assert a.get_image(golden.id).image.shared_to_user_num == 1
        (user,) = a.list_shared_user(golden.id).users
        assert (user.account, user.account_id, user.uc_account) == (
            friend.account,
            friend.account_id,
            friend.uc_account,
        )
        assert ids(b.list_images("Sharing").images) == [golden.id]
        assert golden.id in ids(b.list_images().images)
        a.unshare_image(golden.id, **named)
        assert b.list_images("Sharing").images == []
        assert a.list_shared_user(golden.id).users == []
    a.share_image(golden.id, account_id=friend.account_id)

    seen = b.get_image(golden.id).image
    assert (seen.name, seen.type, seen.status) == ("golden-1.0", "Sharing", "Available")
    created = new_instance(b, golden.id, name="from-golden")
    by_spec = b.create_instance_by_spec(
        "bcc.g5.c2m8", golden.id, name="by-spec", is_keep_image_login=True
    ).instance_ids[0]
    rebuilt = new_instance(b, name="rebuilt")
    b.rebuild_instance(rebuilt, golden.id, admin_pass="Golden2027!")
    for each in (created, by_spec, rebuilt):
        instance = wait_for_instance(b, each)
        assert (instance.image_id, instance.image_type) == (golden.id, "Sharing")
        assert (instance.image_name, instance.os_name) == ("golden-1.0", "Ubuntu")

    busy = (409, "Image.ImageHasBeenSharedToOthers", "Image has been shared to others.")
    assert refusal(a.delete_image, golden.id) == busy
    a.unshare_image(golden.id, account_id=friend.account_id)
    assert refusal(b.get_image, golden.id) == NOT_THERE
    assert refusal(new_instance, b, golden.id) == NOT_THERE
    by_spec_again = refusal(b.create_instance_by_spec, "bcc.g5.c2m8", golden.id)
    assert by_spec_again == NOT_THERE
    assert refusal(b.rebuild_instance, rebuilt, golden.id, "Golden2026!") == NOT_THERE
    assert refusal(b.batch_rebuild_instances, golden.id, "Golden2026!", [rebuilt]) == NOT_THERE
    assert [b.get_instance(each).instance.status for each in (created, by_spec, rebuilt)] == [
        "Running"
    ] * 3
    assert b.get_instance(rebuilt).instance.image_id == golden.id

    a.delete_image(golden.id)
    assert refusal(a.get_image, golden.id) == NOT_THERE
    assert a.list_images("Custom").images == []
    assert b.get_instance(created).instance.image_name == "golden-1.0"
    b.reboot_instance(created)
    wait_for_instance(b, created)


def test_image_outlives_its_instance(client):
    instance = new_instance(client)
    image = client.create_image_from_instance_id("golden", instance_id=instance).image_id
    wait_for_image(client, image)
    client.release_instance(instance)

    assert refusal(client.get_instance, instance) == NOT_THERE
    assert client.get_image(image).image.status == "Available"
    new_instance(client, image)


def test_recipient_cannot_hand_it_on_or_end_it(pair, tenant):
    a, recipient, b = pair
    image = new_image(a)
    a.share_image(image, account=recipient.account)

    mine_only = (403, "Image.UnCustomImageCannotBeShared", "Only custom image can be shared.")
    assert refusal(b.share_image, image, account=tenant.account) == mine_only
    assert refusal(b.unshare_image, image, account=recipient.account) == mine_only
    assert refusal(b.list_shared_user, image) == mine_only
    assert refusal(b.delete_image, image) == (
        403,
        "Image.UnCustomImageCannotBeDeleted",
        "Only custom image can be deleted.",
    )
    assert ids(b.list_images("Sharing").images) == [image]


def test_instances_are_their_account_s_alone(pair):
    a, _recipient, b = pair
    instance = new_instance(a)

    for call in (b.get_instance, b.start_instance, b.stop_instance, b.reboot_instance):
        assert refusal(call, instance) == NOT_THERE
    assert refusal(b.release_instance, instance) == NOT_THERE
    assert refusal(b.rebuild_instance, instance, public_image(b), "Golden2026!") == NOT_THERE
    assert refusal(b.create_image_from_instance_id, "x", instance_id=instance) == NOT_THERE
    assert b.list_instances().instances == []
