//! Several values of one protected name: those that verify count, and if they differ none can be told to be the true one.
//!
//! Where one verifies, what does not is only refused: a planted copy neither locks the true cookie out, nor is it let in
//! beside it, nor does it answer for the request.

use super::cookie::{Cookie, Fate};
use crate::policy::{Action, CookiePolicy, Integrity};
use crate::report::RefusalReason;

/// One value for each protected name.
pub(super) fn settle(policy: &CookiePolicy, cookies: &mut [Cookie<'_>]) {
    let protected = |cookie: &Cookie<'_>| {
        cookie.row().is_some_and(|row| policy.row(row).declared_integrity() != Integrity::Open)
    };
    let mut places: Vec<usize> = (0..cookies.len()).filter(|&at| protected(&cookies[at])).collect();
    places.sort_unstable_by_key(|&at| (cookies[at].name(), at));
    let mut rest = places.as_slice();
    while let [first, ..] = rest {
        let name = cookies[*first].name();
        let (rivals, others) = rest.split_at(rest.partition_point(|&at| cookies[at].name() <= name));
        rest = others;
        if rivals.len() > 1 {
            settle_rivals(policy, cookies, rivals);
        }
    }
}

/// Settles the cookies of one name.
fn settle_rivals(policy: &CookiePolicy, cookies: &mut [Cookie<'_>], rivals: &[usize]) {
    let (good, bad): (Vec<usize>, Vec<usize>) =
        rivals.iter().partition(|&&at| cookies[at].fate == Fate::Verified);
    let Some((&first, more)) = good.split_first() else { return };
    for at in bad {
        cookies[at].fate = match cookies[at].fate {
            Fate::Reported(reason) | Fate::Refused { reason, .. } => Fate::refused(reason),
            fate => fate,
        };
    }
    if more.iter().all(|&at| cookies[at].value() == cookies[first].value()) {
        // Of equal ones some may be under the present key: then there is nothing to issue anew.
        if more.iter().any(|&at| !cookies[at].is_stale) {
            cookies[first].is_stale = false;
        }
        for &at in more {
            (cookies[at].fate, cookies[at].is_stale) = (Fate::Spare, false);
        }
        return;
    }
    let reason = RefusalReason::Duplicate;
    for at in good {
        let Some(row) = cookies[at].row() else { continue };
        // What is deleted is the visitor's own; of a signed value the other may be a stranger's, which would be left as the
        // only one. Guarded values of one transaction are all the visitor's.
        let is_guarded = policy.row(row).declared_integrity() == Integrity::Guarded;
        cookies[at].fate = match policy.protection(row).action {
            Action::Report => Fate::Reported(reason),
            action => Fate::Refused { reason, alarming: action == Action::Reject && is_guarded },
        };
        cookies[at].is_stale = false;
    }
}
