//! Where the portal keeps sessions and remembered logins.
//!
//! Only the memory is there in every build; each of the others stands behind the feature of its name.

use std::error::Error;

use tower_cookie_policy::CookiePolicyBuilder;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use tower_cookie_policy::SqlStore;

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
                _ => Err(UsageError::NoPath),
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

    /// A policy that keeps what it has to keep there, and what is to be closed at the end.
    pub(crate) async fn keep(
        &self,
        builder: CookiePolicyBuilder,
    ) -> Result<(CookiePolicyBuilder, Opened), Box<dyn Error>> {
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        let in_sql = |store: SqlStore| (builder.clone().store(store.clone()), Opened(Some(store)));
        Ok(match self {
            Self::Memory => (builder, Opened::default()),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => in_sql(SqlStore::sqlite(path).await?),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => in_sql(SqlStore::postgres(url).await?),
            #[cfg(feature = "redis")]
            Self::Redis(url) => {
                let store = tower_cookie_policy::RedisStore::connect(url).await?;
                (builder.store(store), Opened::default())
            }
        })
    }
}

/// A store that is open.
#[derive(Default)]
pub(crate) struct Opened(#[cfg(any(feature = "sqlite", feature = "postgres"))] Option<SqlStore>);

impl Opened {
    /// Leaves one file behind, where it is one.
    pub(crate) async fn close(self) {
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        if let Some(store) = self.0 {
            store.close().await;
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(..)")
    }
}
