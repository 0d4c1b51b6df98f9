//! Where sessions are kept: the trait that stores implement.
//!
//! - Stores keep a record under a key and know four things of it: its owner and epoch, when it ends, its revision.
//! - Time comes in as an argument, Unix seconds by the policy's clock, so that all of a policy goes by one clock.
//! - Each method is one step that nothing else comes between, as seen from every other call.
//! - A method is dropped at the policy's deadline; what it did by then stays done.
//!
//! [`testing::session_store`](crate::testing::session_store) (feature `testing`) holds a store to all of this.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::id::SessionKey;
use super::record::SessionRecord;

/// A place to keep sessions in. [`MemoryStore`](crate::MemoryStore) is one.
///
/// Implementors write `async fn`. A record's first revision is 1; each [`update`](Self::update), [`rotate`](Self::rotate)
/// and [`end_owner`](Self::end_owner) that spares it adds 1 to it, a touch does not. From its `deadline` on a record is
/// absent to every step, and may be forgotten at any time.
///
/// Keys and owners are compared byte by byte; an owner's name has 1 to 255 bytes and may have any character in it but NUL.
/// A record's [`handle`](SessionRecord::handle) is unique, stays the same when the session gets another key by a renewal, and
/// is new at a sign-in: a good identity for the row behind several keys.
///
/// A record with an older epoch than its owner's counts as ended to every step, so a store may raise the epoch first and
/// delete afterwards. What is no record any more is left out of lists, and ended and forgotten all the same.
///
/// For [`ENDED_FOR`] seconds, from the step that did it, a store remembers the keys of records that were rotated, deleted or ended, and answers
/// [`Loaded::Ended`] for them; afterwards, as for every other key, [`Loaded::Absent`].
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a new record under a key that was never used, at revision 1.
    fn create(
        &self,
        key: &SessionKey,
        record: SessionRecord,
        now: u32,
    ) -> impl Future<Output = Result<Created, StoreError>> + Send;

    /// The record under a key.
    fn load(&self, key: &SessionKey, now: u32) -> impl Future<Output = Result<Loaded, StoreError>> + Send;

    /// Puts a record in the place of the one under this key, if that still has the revision `expected`. Of two times
    /// ([`seen`](SessionRecord::seen), [`deadline`](SessionRecord::deadline)) the later one stays. A record of an older
    /// epoch than its owner's is not put there: where the revision is the expected one, the session counts as gone.
    fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: SessionRecord,
        now: u32,
    ) -> impl Future<Output = Result<Updated, StoreError>> + Send;

    /// Moves the times of the record under this key forward, as [`SessionRecord::touch`] does, and nothing else. Whether
    /// there was one.
    fn touch(
        &self,
        key: &SessionKey,
        seen: u32,
        deadline: u32,
        now: u32,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Moves the session to a new key, with this record, if the old one still has the revision `expected`. For `grace`
    /// seconds the old key answers [`Loaded::Rotated`] with the session as it is by then, whichever key it has, and
    /// [`Loaded::Ended`] as soon as it has ended or moved on without grace; after them, or at once where there are none,
    /// the old key is remembered as ended, until [`ENDED_FOR`] seconds after the rotation, the grace among them. Of several reasons not to do it a conflict comes before the new record's own.
    fn rotate(
        &self,
        old: &SessionKey,
        expected: u64,
        new: &SessionKey,
        record: SessionRecord,
        grace: u32,
        now: u32,
    ) -> impl Future<Output = Result<Rotated, StoreError>> + Send;

    /// Ends the session under this key; under one that was rotated and is within its grace, the session that it leads to.
    /// Whether there was one.
    fn delete(&self, key: &SessionKey, now: u32) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The owner's sessions that have not ended, in any order.
    fn list_owner(
        &self,
        owner: &str,
        now: u32,
    ) -> impl Future<Output = Result<Vec<Owned>, StoreError>> + Send;

    /// The owner's epoch, which [`end_owner`](Self::end_owner) raises. It never goes back; what it begins with, and by how
    /// much it is raised, is the store's own business.
    fn epoch(&self, owner: &str) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Raises the owner's epoch, and ends all the owner's sessions but the one under `except`, which gets the new
    /// epoch ([`SessionRecord::raise_epoch`]) and its next revision. A key that was rotated and is within its grace spares
    /// the session that it leads to. How many were ended.
    fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Forgets at most `limit` of the records past their deadline and of the keys remembered for long enough. How many.
    fn purge(&self, now: u32, limit: usize) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// For how many seconds, from the step that ended or rotated it, a store remembers that a session has ended: ten minutes.
pub const ENDED_FOR: u32 = 600;

/// A record as it stands in the store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stored {
    /// What is kept.
    pub record: Arc<SessionRecord>,
    /// How often it was written.
    pub revision: u64,
}

impl Stored {
    /// A record at this revision.
    #[must_use]
    pub fn new(record: impl Into<Arc<SessionRecord>>, revision: u64) -> Self {
        Self { record: record.into(), revision }
    }
}

/// What came of [`SessionStore::create`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is kept.
    Yes,
    /// The key is, or was, another session's; that is left as it was.
    Duplicate,
    /// The record's epoch is older than its owner's: all of the owner's sessions were ended in the meantime.
    Revoked,
}

/// What is under a key.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// Nothing that the store knows of.
    Absent,
    /// A session.
    Live(Stored),
    /// The session that this key led to has another one by now, and the grace lasts: it may be read.
    Rotated(Stored),
    /// A session was here, and has ended or moved on.
    Ended,
}

/// What came of [`SessionStore::update`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updated {
    /// It is kept, one revision on.
    Yes,
    /// The record has another revision; it is left as it was.
    Conflict,
    /// There is no such session, or not under this key any more.
    Gone,
}

/// What came of [`SessionStore::rotate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// It is kept under the new key, one revision on.
    Yes,
    /// The record has another revision; it is left as it was.
    Conflict,
    /// There is no such session, or not under this key any more.
    Gone,
    /// The new key is, or was, another session's; both are left as they were.
    Duplicate,
    /// The new record's epoch is older than its owner's; the old one is left as it was.
    Revoked,
}

/// A session in its owner's list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Owned {
    /// Where it is kept.
    pub key: SessionKey,
    /// What is kept.
    pub record: Arc<SessionRecord>,
}

impl Owned {
    /// The session under this key.
    #[must_use]
    pub fn new(key: SessionKey, record: impl Into<Arc<SessionRecord>>) -> Self {
        Self { key, record: record.into() }
    }
}

/// Why a store did not do what it was asked. Made by stores; the cause is theirs to tell, without values, ids and keys.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The class of a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// It cannot be reached, or refuses.
    Unavailable,
    /// It did not answer in time, which is at most the policy's deadline; what it was asked may yet happen.
    Timeout,
    /// It has no room, and nothing that it may give up.
    Full,
    /// What it holds under this key is no record.
    Undecodable,
    /// Others wrote the same at the same time, again and again; nothing was done.
    Conflict,
    /// It is damaged, or it holds what this store never wrote.
    Corrupt,
}

impl StoreError {
    /// An error of this class.
    #[must_use]
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self { kind, cause: None }
    }

    /// An error of this class, and what led to it.
    pub fn caused(kind: StoreErrorKind, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, cause: Some(cause.into()) }
    }

    /// Its class.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl StoreErrorKind {
    /// The class in snake case, as events and counters show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Full => "full",
            Self::Undecodable => "undecodable",
            Self::Conflict => "conflict",
            Self::Corrupt => "corrupt",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the session store cannot be reached, or refuses",
            StoreErrorKind::Timeout => "the session store did not answer in time",
            StoreErrorKind::Full => "the session store has no room",
            StoreErrorKind::Undecodable => "the session store holds something else than a record there",
            StoreErrorKind::Conflict => "others wrote to the session store at the same time, again and again",
            StoreErrorKind::Corrupt => "the session store is damaged, or holds what is not its own",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}
