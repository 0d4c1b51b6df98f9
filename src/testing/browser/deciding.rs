//! A visitor's decision on consent, made as the form makes it.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{Browser, Page, failed};
use crate::policy::CookiePolicy;

impl<S, B, R> Browser<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Debug,
    B: From<Bytes>,
    R: Body,
    R::Error: fmt::Debug,
{
    /// Decides on consent as a visitor does with the form of the policy's [`ConsentService`](crate::ConsentService): `accept`, `reject`,
    /// or `save`, of which the categories are `granted`. The page is the one that the form leads back to, which is `/`.
    ///
    /// # Panics
    /// If the application has no such form, or does not take the decision, and as [`get`](Self::get).
    pub async fn decide(&mut self, policy: &CookiePolicy, decision: &str, granted: &[&str]) -> Page {
        let address = format!("{}/consent", policy.consent_path());
        let form = self.get(&address).await.text();
        let revision =
            form.split_once("name=\"revision\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
        let Some((revision, _)) = revision else {
            failed(format_args!("there is no form to decide by at {address}"))
        };
        let mut fields = vec![("decision", decision), ("revision", revision), ("return_to", "/")];
        fields.extend(granted.iter().map(|category| (*category, "on")));
        let page = self.post(&address, &fields).await;
        if page.redirects().is_empty() {
            failed(format_args!("{address} does not take the decision {decision:?}: {}", page.status()));
        }
        page
    }
}
