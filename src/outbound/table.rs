//! What the table says of a name and of a value, whoever wants to set it: asked for each line, and by the handle.
//!
//! What is not in the table, not for the server to set, not asked for by the visitor or not consented to, stays.

use super::collect::Origin;
use crate::policy::{
    Basis, Categories, CookiePolicy, CookieSpec, Found, Integrity, Issuer, Undeclared, is_token,
};
use crate::report::SuppressionReason;
use crate::value;
use crate::wire::name::is_transactional;
use crate::wire::{sealed, signed};

/// A cookie that may be set.
pub(crate) struct Settable {
    /// Its row; `None` if it is undeclared and kept.
    pub(crate) row: Option<usize>,
    /// What a policy that only reports has to say against it.
    pub(super) objection: Option<SuppressionReason>,
}

/// Whether a cookie may be set this way, whatever its value. What the visitor has consented to is `granted`.
pub(crate) fn row_to_set(
    policy: &CookiePolicy,
    granted: Categories,
    name: &str,
    origin: Origin,
) -> Result<Settable, SuppressionReason> {
    let Some(index) = row_to_delete(policy, name, origin)? else {
        return match policy.document().undeclared {
            Undeclared::Drop if !policy.only_reports() => Err(SuppressionReason::Undeclared),
            // Coming back, it would be refused.
            _ if policy.names().is_passing_for_another(name.as_bytes()) => Err(SuppressionReason::Malformed),
            Undeclared::Drop | Undeclared::Keep => Ok(Settable { row: None, objection: None }),
        };
    };
    match objection(policy, granted, index, origin) {
        Some(reason) if !policy.only_reports() => Err(reason),
        objection => Ok(Settable { row: Some(index), objection }),
    }
}

/// What there is to say against a cookie of this row, whatever its value.
fn objection(
    policy: &CookiePolicy,
    granted: Categories,
    index: usize,
    origin: Origin,
) -> Option<SuppressionReason> {
    let row = policy.row(index);
    if row.declared_issuer() != Issuer::Server {
        return Some(SuppressionReason::NotIssuer);
    }
    if *row.basis() == Basis::Requested && origin == Origin::Header {
        return Some(SuppressionReason::NotRequested);
    }
    let category = policy.asking()?.of_row(index)?;
    (!granted.contains(category)).then_some(SuppressionReason::NoConsent)
}

/// The row of a cookie that may be deleted: whose name is legal, and that the crate does not manage. `None` if it is
/// undeclared.
pub(crate) fn row_to_delete(
    policy: &CookiePolicy,
    name: &str,
    origin: Origin,
) -> Result<Option<usize>, SuppressionReason> {
    if !is_token(name.as_bytes()) {
        return Err(SuppressionReason::Malformed);
    }
    match policy.names().find(name.as_bytes()) {
        Found::Main | Found::Companion(_) => Err(SuppressionReason::Managed),
        // Which names the companions of a pattern have is only known with the names that it stands for.
        Found::Undeclared if policy.guards_patterns() && is_transactional(name.as_bytes()) => {
            Err(SuppressionReason::Managed)
        }
        Found::Undeclared | Found::Misshapen => Ok(None),
        Found::Row(row) => {
            let foreign = matches!(origin, Origin::Header | Origin::Handle);
            if foreign && policy.row(row).declared_role().is_managed() {
                Err(SuppressionReason::Managed)
            } else {
                Ok(Some(row))
            }
        }
    }
}

/// Whether a cookie may have this value: legal (`cookie-value`, RFC 6265bis section 4.1.1), of the row's shape, and with
/// its name no longer than browsers take once it is signed or sealed. What is either is put in no quotes.
pub(crate) fn allows_value(
    policy: &CookiePolicy,
    row: Option<&CookieSpec>,
    name: &str,
    value: &str,
) -> Result<(), SuppressionReason> {
    let integrity = row.map(CookieSpec::declared_integrity);
    let protected = matches!(integrity, Some(Integrity::Signed | Integrity::Sealed));
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|_| !protected);
    let legal = value::are_cookie_octets(inner.unwrap_or(value).as_bytes());
    let has_shape =
        row.is_none_or(|row| value::has_shape(row.declared_role(), value.as_bytes(), policy.spoken()));
    if !legal || !has_shape {
        return Err(SuppressionReason::Malformed);
    }
    let length = match integrity {
        Some(Integrity::Signed) => value.len() + signed::OVERHEAD,
        Some(Integrity::Sealed) => sealed::sealed_length(value.len()),
        _ => value.len(),
    };
    if name.len() + length > LONGEST { Err(SuppressionReason::Oversized) } else { Ok(()) }
}

/// Name and value together; browsers drop what is longer (RFC 6265bis section 5.7).
const LONGEST: usize = 4096;
