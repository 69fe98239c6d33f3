import pytest

pytest.register_assert_rewrite("tests.model.checks", "tests.model.machine")
