//! Where the portal keeps sessions and remembered logins.
//!
//! Only the memory is there in every build; each of the others stands behind the feature of its name.

use std::error::Error;

use tower_cookie_policy::CookiePolicyBuilder;

use crate::options::UsageError;

/// What `--store` asks for. An address may have a password in it, so nothing of it is shown.
#[derive(Default)]
pub(crate) enum Store {
    /// `memory`: this process'.
    #[default]
    Memory,
    /// `sqlite:PATH`.
    #[cfg(feature = "sqlite")]
    Sqlite(String),
    /// `postgres://…`.
    #[cfg(feature = "postgres")]
    Postgres(String),
    /// `redis://…`.
    #[cfg(feature = "redis")]
    Redis(String),
}

impl Store {
    pub(crate) fn parse(store: &str) -> Result<Self, UsageError> {
        #[allow(unreachable_patterns, reason = "what was compiled in is taken before")]
        match store.split(':').next().unwrap_or_default() {
            "memory" if store == "memory" => Ok(Self::Memory),
            #[cfg(feature = "sqlite")]
            "sqlite" => match store.strip_prefix("sqlite:") {
                // Of `sqlite://sessions.db` nobody knows whether a folder is meant or the root.
                Some(path) if !path.is_empty() && (!path.starts_with("//") || path.starts_with("///")) => {
                    Ok(Self::Sqlite(path.to_owned()))
                }
                _ => Err(UsageError::Store("sqlite".to_owned())),
            },
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Self::Postgres(store.to_owned())),
            #[cfg(feature = "redis")]
            "redis" | "rediss" => Ok(Self::Redis(store.to_owned())),
            "sqlite" => Err(UsageError::NotCompiled("sqlite")),
            "postgres" | "postgresql" => Err(UsageError::NotCompiled("postgres")),
            "redis" | "rediss" => Err(UsageError::NotCompiled("redis")),
            scheme => Err(UsageError::Store(scheme.to_owned())),
        }
    }

    /// A policy that keeps what it has to keep there.
    pub(crate) async fn keep(
        &self,
        builder: CookiePolicyBuilder,
    ) -> Result<CookiePolicyBuilder, Box<dyn Error>> {
        match self {
            Self::Memory => Ok(builder),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => Ok(builder.store(tower_cookie_policy::SqlStore::sqlite(path).await?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => Ok(builder.store(tower_cookie_policy::SqlStore::postgres(url).await?)),
            #[cfg(feature = "redis")]
            Self::Redis(url) => Ok(builder.store(tower_cookie_policy::RedisStore::connect(url).await?)),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(..)")
    }
}
