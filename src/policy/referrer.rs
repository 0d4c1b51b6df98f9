//! What a policy says of where requests come from, judged and in the form that is compared.

use super::flow::Flows;
use super::origin::{Authority, WebOrigin};
use super::{BuildError, Document};

/// What a policy says of where requests come from.
#[derive(Clone, Debug)]
pub(crate) struct ReferrerRules {
    own: Option<WebOrigin<'static>>,
    allow_http: bool,
    pub(crate) allowed: Vec<WebOrigin<'static>>,
    pub(crate) required: bool,
    pub(crate) flows: Flows,
}

impl ReferrerRules {
    pub(super) fn judge(policy: &Document) -> Result<Self, BuildError> {
        let own = policy.origin.as_deref().map(origin).transpose()?;
        let allow_http = policy.danger_allow_http;
        if let Some(declared) = &policy.origin
            && !allow_http
            && own.as_ref().is_some_and(WebOrigin::is_exposed)
        {
            return Err(BuildError::HttpOrigin { origin: declared.clone() });
        }
        let allowed = policy.allowed_origins.iter().map(|text| origin(text)).collect::<Result<_, _>>()?;
        let required = policy.require_referrer;
        Ok(Self { own, allow_http, allowed, required, flows: Flows::judge(&policy.flows)? })
    }

    /// Whether an origin is the application's own: the one that the policy names, else that of the authority under which
    /// this request was sent.
    pub(crate) fn is_own<'r>(
        &self,
        origin: &WebOrigin<'_>,
        authority: impl FnOnce() -> Option<Authority<'r>>,
    ) -> bool {
        match &self.own {
            Some(own) => own == origin,
            None => authority().is_some_and(|authority| origin.is_at(&authority, self.allow_http)),
        }
    }
}

fn origin(text: &str) -> Result<WebOrigin<'static>, BuildError> {
    match WebOrigin::parse(text.as_bytes()) {
        Ok(origin) => Ok(origin.into_owned()),
        Err(needs) => Err(BuildError::IllegalOrigin { origin: text.to_owned(), needs }),
    }
}
