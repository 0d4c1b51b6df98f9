//! What a request's cookies say of its session: all of it verified, and none of it asked of a store yet.

use percent_encoding::percent_decode;
use smallvec::SmallVec;

use super::id::SessionId;
use super::record::SessionRecord;
use super::remember::Token;

/// What a request presents.
#[derive(Default)]
pub(crate) struct Presented {
    /// The session's id. It has the shape of one and may be made up.
    id: Option<SessionId>,
    /// The user of the sealed user id.
    claims: Option<SmallVec<[u8; 32]>>,
    /// The remembered login.
    token: Option<Token>,
    /// The moment at which the cookies were judged, in Unix seconds.
    at: u32,
}

impl Presented {
    /// The values of these cookies as they were admitted at this moment.
    pub(crate) fn new(id: Option<&[u8]>, user: Option<&[u8]>, remembered: Option<&[u8]>, at: u32) -> Self {
        Self {
            id: id.and_then(SessionId::presented),
            claims: user.map(|user| percent_decode(user).collect()),
            token: remembered.and_then(Token::presented),
            at,
        }
    }

    /// The session's id, and when it was presented.
    pub(super) fn session(&self) -> Option<(&SessionId, u32)> {
        self.id.as_ref().map(|id| (id, self.at))
    }

    pub(super) fn remembered(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// Whether a record is of another user than the sealed user id tells. Both came from this server, and one of them from
    /// somebody else's browser.
    pub(super) fn contradicts(&self, record: &SessionRecord) -> bool {
        match (&self.claims, record.owner()) {
            (Some(claimed), Some(owner)) => claimed[..] != *owner.as_bytes(),
            _ => false,
        }
    }
}
