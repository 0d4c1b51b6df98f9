//! The lines that delete what a visitor has refused.
//!
//! - A cookie is deleted in each scope in which the browser may hold it: its row's, the same without a `Domain` and with the
//!   policy's, and wherever else the row says; and in each both unpartitioned and partitioned, which are two cookies to browsers.
//! - What came goes before what only may be there, and unpartitioned before partitioned. What there is no room for goes with the next
//!   responses, as far as it comes: a header that is too long for a proxy in front would be no response at all, and the refusal lost.

use std::collections::HashSet;

use super::enforce::{Life, Permitted};
use super::scope::keep_prefix;
use crate::policy::{Categories, CookiePolicy, Found, Role, Scope};

/// What is to be deleted since the visitor has refused it.
#[derive(Default)]
pub(crate) struct Withdrawal {
    /// The names that came.
    pub(crate) came: Vec<String>,
    /// The categories that a decision refuses in this response, whose exact names go besides.
    pub(crate) decided: Option<Categories>,
}

impl Withdrawal {
    pub(super) fn is_empty(&self) -> bool {
        self.came.is_empty() && self.decided.is_none()
    }

    /// The deletions, which leave out what is set besides.
    pub(super) fn permitted(&self, policy: &CookiePolicy) -> Vec<Permitted> {
        let mut names: Vec<(usize, &str)> = Vec::new();
        for name in &self.came {
            if let Found::Row(row) = policy.names().find(name.as_bytes()) {
                names.push((row, name));
            }
        }
        if let (Some(refused), Some(asking)) = (self.decided, policy.asking()) {
            let exact = policy.specs().iter().enumerate().filter(|(_, row)| row.name().is_exact());
            let refused =
                exact.filter(|(at, _)| asking.of_row(*at).is_some_and(|category| refused.contains(category)));
            names.extend(refused.map(|(at, row)| (at, row.name().literal())));
        }
        let mut plan = Plan { room: ROOM, seen: HashSet::new(), permitted: Vec::new() };
        // A decision counts alone: one in another place, of an earlier policy or planted, would make it ambiguous.
        if let (Some(row), true) = (policy.index_of(Role::Consent), self.decided.is_some()) {
            plan.delete(policy, row, policy.row(row).name().literal(), Partition::Without);
        }
        for partition in [Partition::Without, Partition::Within] {
            for (row, name) in &names {
                plan.delete(policy, *row, name, partition);
            }
        }
        plan.permitted
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Partition {
    Without,
    Within,
}

/// Deletions, as many as one response has room for.
struct Plan {
    room: usize,
    seen: HashSet<(String, String, Option<String>, bool)>,
    permitted: Vec<Permitted>,
}

impl Plan {
    fn delete(&mut self, policy: &CookiePolicy, row: usize, name: &str, partition: Partition) {
        let spec = policy.row(row);
        let own = &spec.scope;
        let domains = [own.domain.clone(), None, policy.default_scope().domain];
        let own_path = domains.map(|domain| (own.path.clone(), domain));
        let others = spec.also_at.iter().map(|place| (place.path.clone(), place.domain.clone()));
        for (path, domain) in own_path.into_iter().chain(others) {
            let mut scope = Scope { path, domain, ..own.clone() };
            keep_prefix(name, &mut scope);
            let partitioned = partition == Partition::Within;
            if partitioned && !scope.secure {
                continue;
            }
            let deletion = Permitted {
                name: name.to_owned(),
                value: String::new(),
                row: Some(row),
                life: Life::Deleted,
                scope,
                partitioned,
                period: None,
                accompanying: true,
            };
            if !self.seen.insert(deletion.identity()) {
                continue;
            }
            let scope = &deletion.scope;
            let length = LINE
                + name.len()
                + scope.path.len()
                + scope.domain.as_ref().map_or(0, |domain| domain.len() + 9);
            match self.room.checked_sub(length) {
                Some(room) => self.room = room,
                None => return,
            }
            self.permitted.push(deletion);
        }
    }
}

/// Bytes of all lines. Proxies commonly have 4 KiB for all headers of a response.
const ROOM: usize = 2800;
/// Bytes of a line without its name, path and domain.
const LINE: usize = 130;
