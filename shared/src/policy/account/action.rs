/// A set of the actions below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ActionSet(u64);

impl ActionSet {
    pub(super) fn of(action: Action) -> Self {
        Self(1 << action as u64)
    }

    pub(super) fn has(self, action: Action) -> bool {
        self.0 & Self::of(action).0 != 0
    }

    pub(super) fn has_any(self, of: &[Action]) -> bool {
        of.iter().any(|action| self.has(*action))
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn insert(&mut self, action: Action) {
        *self = self.union(Self::of(action));
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

macro_rules! actions {
    ($($name:ident = $service:literal $suffix:literal,)+) => {
        /// An action by which one principal becomes another, or more than it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Action { $($name,)+ }

        impl Action {
            /// All of them.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The action of a name, written as AWS writes it.
            pub(super) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.name() == name)
            }

            /// The action as a policy names it.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$name => concat!($service, ":", $suffix),)+ }
            }
        }
    };
}

actions! {
    AssumeRole = "sts" "AssumeRole",
    PassRole = "iam" "PassRole",
    UpdateAssumeRolePolicy = "iam" "UpdateAssumeRolePolicy",
    UpdateSamlProvider = "iam" "UpdateSAMLProvider",
    CreateAccessKey = "iam" "CreateAccessKey",
    DeleteAccessKey = "iam" "DeleteAccessKey",
    CreateLoginProfile = "iam" "CreateLoginProfile",
    UpdateLoginProfile = "iam" "UpdateLoginProfile",
    AddUserToGroup = "iam" "AddUserToGroup",
    RemoveUserFromGroup = "iam" "RemoveUserFromGroup",
    PutUserPolicy = "iam" "PutUserPolicy",
    PutGroupPolicy = "iam" "PutGroupPolicy",
    PutRolePolicy = "iam" "PutRolePolicy",
    DeleteUserPolicy = "iam" "DeleteUserPolicy",
    DeleteGroupPolicy = "iam" "DeleteGroupPolicy",
    DeleteRolePolicy = "iam" "DeleteRolePolicy",
    AttachUserPolicy = "iam" "AttachUserPolicy",
    AttachGroupPolicy = "iam" "AttachGroupPolicy",
    AttachRolePolicy = "iam" "AttachRolePolicy",
    DetachUserPolicy = "iam" "DetachUserPolicy",
    DetachGroupPolicy = "iam" "DetachGroupPolicy",
    DetachRolePolicy = "iam" "DetachRolePolicy",
    CreatePolicy = "iam" "CreatePolicy",
    CreatePolicyVersion = "iam" "CreatePolicyVersion",
    SetDefaultPolicyVersion = "iam" "SetDefaultPolicyVersion",
    DeletePolicyVersion = "iam" "DeletePolicyVersion",
    PutUserPermissionsBoundary = "iam" "PutUserPermissionsBoundary",
    PutRolePermissionsBoundary = "iam" "PutRolePermissionsBoundary",
    DeleteUserPermissionsBoundary = "iam" "DeleteUserPermissionsBoundary",
    DeleteRolePermissionsBoundary = "iam" "DeleteRolePermissionsBoundary",
    TagUser = "iam" "TagUser",
    TagRole = "iam" "TagRole",
    CreateUser = "iam" "CreateUser",
    CreateRole = "iam" "CreateRole",
    CreateInstanceProfile = "iam" "CreateInstanceProfile",
    AddRoleToInstanceProfile = "iam" "AddRoleToInstanceProfile",
}
