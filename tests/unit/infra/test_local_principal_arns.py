import pytest

from infra.local.emulator.principal_arns import role_of


@pytest.mark.parametrize(
    ("principal", "compared"),
    [
        (
            "arn:aws:sts::000000000000:assumed-role/stack-SignRole-1A2B/lambda",
            "arn:aws:iam::000000000000:role/stack-SignRole-1A2B",
        ),
        ("arn:aws-cn:sts::1:assumed-role/R/a/b", "arn:aws-cn:iam::1:role/R"),
        ("arn:aws:iam::000000000000:user/alice", "arn:aws:iam::000000000000:user/alice"),
        ("arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:root"),
    ],
    ids=["session of a role", "China", "user", "root"],
)
def test_a_session_is_compared_by_its_role(principal, compared):
    assert role_of(principal) == compared
