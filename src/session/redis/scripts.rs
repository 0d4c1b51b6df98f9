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

/// Scripts, each of these files in turn.
macro_rules! sources {
    ($($name:ident = $($file:literal)+;)*) => {
        $(pub(super) static $name: Source =
            Source { code: concat!($(include_str!(concat!("scripts/", $file, ".lua"))),+), hash: OnceLock::new() };)*
    };
}

/// Behind what those of its kind have.
macro_rules! sessions {
    ($($name:ident = $file:literal;)*) => {
        sources! { $($name = "constants" "common" "sessions" $file;)* }
    };
}

/// The same, behind its ordinary case.
macro_rules! with_ordinary {
    ($($name:ident = $file:literal, $ordinary:literal;)*) => {
        sources! {
            $($name = "constants" "ordinary" $ordinary "ordinary/enter" "common" "sessions" "ordinary/crowded" $file;)*
        }
    };
}

macro_rules! logins {
    ($($name:ident = $file:literal;)*) => {
        sources! { $($name = "constants" "common" "logins" $file;)* }
    };
}

with_ordinary! {
    CREATE = "create", "ordinary/create";
    UPDATE = "update", "ordinary/update";
    TOUCH = "touch", "ordinary/touch";
    ROTATE = "rotate", "ordinary/rotate";
}

sessions! {
    FOLLOW = "follow";
    DELETE = "delete";
    LIST_OWNER = "list_owner";
    END_OWNER = "end_owner";
}

logins! {
    CREATE_SERIES = "create_series";
    UPDATE_SERIES = "update_series";
    DELETE_SERIES = "delete_series";
    END_SERIES_OF = "end_series_of";
    PURGE_SERIES = "purge_series";
}
