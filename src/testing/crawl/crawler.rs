//! The way through an application: who asks for what, and what is found.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::mem;
use std::panic::Location;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ORIGIN, SET_COOKIE};
use http::response::Parts;
use http::{HeaderMap, Method, Request, Response};
use http_body::Body;
use tower_service::Service;

use super::Crawl;
use super::finding::{faults, stopped};
use super::links::Links;
use crate::inbound;
use crate::policy::{Categories, CookiePolicy};
use crate::report::{Report, SeenName};
use crate::testing::browser::address::Address;
use crate::testing::browser::jar::{Kept, hidden};
use crate::testing::browser::line::Line;
use crate::testing::browser::{Browser, redirect};

/// A crawl that is going on.
pub(super) struct Crawler<'c, S, B> {
    policy: &'c CookiePolicy,
    browser: &'c mut Browser<S, B>,
    /// Addresses, and the page that led to each.
    known: HashMap<Address, Option<Address>>,
    ahead: VecDeque<Address>,
    /// The names of those that were set.
    cookies: BTreeSet<String>,
    /// The values of all that came: an address that a response leads to may have one of them in it, long after.
    values: BTreeSet<Vec<u8>>,
    /// Methods, and what is said of them.
    findings: Vec<(Method, String)>,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visitor {
    New,
    Returning,
}

impl<'c, S, B, R> Crawler<'c, S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Debug,
    B: From<Bytes>,
    R: Body,
    R::Error: fmt::Debug,
{
    pub(super) fn new(policy: &'c CookiePolicy, browser: &'c mut Browser<S, B>) -> Self {
        let (known, ahead) = (HashMap::new(), VecDeque::new());
        let (cookies, values) = (BTreeSet::new(), BTreeSet::new());
        Self { policy, browser, known, ahead, cookies, values, findings: Vec::new() }
    }

    pub(super) async fn crawl(mut self, paths: Vec<String>, place: &'static Location<'static>) -> Crawl {
        let named: Vec<_> = paths.iter().map(|path| self.browser.address(path)).collect();
        let missing = self.browser.address(MISSING);
        named.iter().chain([&missing]).for_each(|address| self.plan(address.clone(), None));
        let visited = self.go_on().await;
        for address in named.iter().chain([&missing]) {
            self.ask(address, unhandled(), Visitor::Returning).await;
        }
        // With all cookies that there are, and what they lead to.
        for address in &visited {
            self.ask(address, Method::GET, Visitor::Returning).await;
        }
        self.go_on().await;
        self.report(place);
        Crawl { pages: self.known.len(), cookies: self.cookies.into_iter().collect() }
    }

    /// Asks for all that is ahead, and for what turns up meanwhile.
    async fn go_on(&mut self) -> Vec<Address> {
        let mut visited = Vec::new();
        while let Some(address) = self.ahead.pop_front() {
            for visitor in [Visitor::New, Visitor::Returning] {
                for method in [Method::GET, Method::HEAD] {
                    self.ask(&address, method, visitor).await;
                }
            }
            visited.push(address);
        }
        visited
    }

    fn plan(&mut self, address: Address, from: Option<&Address>) {
        if !self.known.contains_key(&address) {
            self.known.insert(address.clone(), from.cloned());
            self.ahead.push_back(address);
        }
    }

    /// Something that a response leads to.
    fn meet(&mut self, address: Option<Address>, from: &Address) {
        let is_near = |address: &Address| address.host() == from.host() && self.known.len() < MOST_PAGES;
        if let Some(address) = address.filter(is_near) {
            self.plan(address, Some(from));
        }
    }

    async fn ask(&mut self, address: &Address, method: Method, visitor: Visitor) {
        let mut request = Request::new(Bytes::new());
        let from = self.known.get(address).and_then(Option::as_ref);
        self.browser.come_from(from, request.headers_mut(), address);
        if !method.is_safe() {
            self.browser.say(request.headers_mut(), ORIGIN, &address.origin());
        }
        *request.method_mut() = method.clone();
        let kept = match visitor {
            Visitor::New => Some(mem::take(&mut self.browser.jar)),
            Visitor::Returning => None,
        };
        let granted = self.granted(address);
        let (parts, body) = self.browser.exchange(address, request).await;
        if let Some(kept) = kept {
            self.browser.jar = kept;
        }
        self.judge(address, &method, &parts, granted);
        self.meet(redirect(&parts, address), address);
        if method == Method::GET && is_html(&parts.headers) {
            let html = self.browser.read(body, address).await;
            self.follow(&Links::of(&String::from_utf8_lossy(&html)), address);
        }
    }

    fn follow(&mut self, links: &Links, page: &Address) {
        let base = links.base.as_ref().and_then(|base| page.resolve(base));
        let base = base.as_ref().unwrap_or(page);
        links.references.iter().for_each(|link| self.meet(base.resolve(link), page));
    }

    /// What the visitor has consented to, as the policy reads the browser's next request.
    fn granted(&self, address: &Address) -> Categories {
        let mut request = Request::new(Bytes::new());
        self.browser.complete(&mut request, address);
        inbound::receive(self.policy, &mut request, &[]).consent.granted
    }

    fn judge(&mut self, address: &Address, method: &Method, parts: &Parts, granted: Categories) {
        let now = self.browser.clock.now();
        let mut faulty = Vec::new();
        for bytes in parts.headers.get_all(SET_COOKIE) {
            let Some(line) = Line::read(bytes.as_bytes(), now) else {
                faulty.push(" sets a cookie in a way that browsers do not take".to_owned());
                continue;
            };
            self.values.insert(line.value.clone());
            if line.is_over(now) {
                continue;
            }
            self.cookies.insert(SeenName::new(&line.name).to_string());
            let kept = Kept::new(bytes.as_bytes(), address, now);
            let faults = faults(self.policy, &line, kept.as_ref(), granted, now);
            faulty.extend(faults.into_iter().map(|fault| format!(" {fault}")));
        }
        let report = parts.extensions.get::<Report>();
        let suppressions = report.map(Report::suppressions).unwrap_or_default().iter();
        let stopped = suppressions.filter_map(stopped);
        faulty.extend(stopped.map(|stopped| format!(": {stopped}")));
        let path = hidden(&self.browser.jar.hidden(address.target()), &self.values);
        for fault in faulty {
            let outcome = format!("{path} ({}){fault}", parts.status.as_u16());
            // What a `HEAD` has in common with its `GET` is said once, of the `GET`.
            match self.findings.iter_mut().find(|(_, known)| *known == outcome) {
                Some((known, _)) if *method == Method::GET => known.clone_from(method),
                Some(_) => {}
                None => self.findings.push((method.clone(), outcome)),
            }
        }
    }

    #[expect(clippy::panic, reason = "that is how tests fail")]
    fn report(&self, place: &Location<'_>) {
        if self.findings.is_empty() {
            return;
        }
        let mut lines: Vec<_> = self
            .findings
            .iter()
            .take(MOST_FINDINGS)
            .map(|(method, outcome)| format!("{method} {outcome}"))
            .collect();
        if let Some(more @ 1..) = self.findings.len().checked_sub(MOST_FINDINGS) {
            lines.push(format!("and {more} more"));
        }
        panic!("the application does not keep its table, as {place} asserts:\n{}", lines.join("\n"));
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
    kind.is_some_and(|kind| kind.starts_with(b"text/html") || kind.starts_with(b"application/xhtml+xml"))
}

/// Neither safe nor known, so that nothing comes of it but an error.
fn unhandled() -> Method {
    Method::from_bytes(b"BREW").unwrap_or(Method::TRACE)
}

/// An address that does not exist.
const MISSING: &str = "/there-is-no-such-page-here";
const MOST_PAGES: usize = 500;
const MOST_FINDINGS: usize = 20;
