//! The steps as they run on the server, where nothing else comes between.

use std::sync::OnceLock;

use redis::Script;

/// What runs on the server.
pub(super) struct Source {
    code: &'static str,
    hash: OnceLock<String>,
}

impl Source {
    pub(super) fn code(&self) -> &str {
        self.code
    }

    /// What a server calls it once it has seen it.
    pub(super) fn hash(&self) -> &str {
        self.hash.get_or_init(|| Script::new(self.code).get_hash().to_owned())
    }
}

/// Scripts, each behind what those of its kind have.
macro_rules! sources {
    ($($kind:literal: $($name:ident = $file:literal),*;)*) => {
        $($(pub(super) static $name: Source = Source {
            code: concat!(
                include_str!("scripts/common.lua"),
                include_str!(concat!("scripts/", $kind)),
                include_str!(concat!("scripts/", $file)),
            ),
            hash: OnceLock::new(),
        };)*)*
    };
}

sources! {
    "sessions.lua":
        CREATE = "create.lua", LOAD = "load.lua", UPDATE = "update.lua", TOUCH = "touch.lua", ROTATE = "rotate.lua",
        DELETE = "delete.lua", LIST_OWNER = "list_owner.lua", END_OWNER = "end_owner.lua";
    "logins.lua":
        CREATE_SERIES = "create_series.lua", UPDATE_SERIES = "update_series.lua", DELETE_SERIES = "delete_series.lua",
        END_SERIES_OF = "end_series_of.lua", PURGE_SERIES = "purge_series.lua";
}
