//! Flows: paths that may be entered from certain pages only.
//!
//! - A path is compared percent-decoded once, with its slashes collapsed and without the last one.
//! - A target is read more laxly than a page: see [`target`].

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde::{Deserialize, Serialize};

use super::BuildError;

/// A flow as the builder and documents have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    pub(super) path: String,
    pub(super) pages: Vec<String>,
}

/// The flows of a policy, judged and in the form that is compared: each target once, with all its pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flows(Vec<(Vec<u8>, Pages)>);

impl Flows {
    pub(super) fn judge(flows: &[Flow]) -> Result<Self, BuildError> {
        let mut judged = Self::default();
        for flow in flows {
            let illegal = |path: &str, needs| BuildError::IllegalFlowPath {
                flow: flow.path.clone(),
                path: path.to_owned(),
                needs,
            };
            legal(&flow.path).map_err(|needs| illegal(&flow.path, needs))?;
            if percent_decode(flow.path.as_bytes()).any(|byte| byte == b';') {
                return Err(illegal(&flow.path, "has no `;`: parameters of the path are not compared"));
            }
            if flow.pages.is_empty() {
                return Err(BuildError::NoFlowPages { flow: flow.path.clone() });
            }
            for path in &flow.pages {
                legal(path).map_err(|needs| illegal(path, needs))?;
            }
            let pages = flow.pages.iter().map(|path| page(path.as_bytes()).into_owned());
            judged.pages_of(target(flow.path.as_bytes()).into_owned()).extend(pages);
        }
        Ok(judged)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pages from which a request's path may be entered; `None` where it is no flow's.
    pub(crate) fn pages(&self, path: &str) -> Option<&Pages> {
        let path = target(path.as_bytes());
        self.0.iter().find(|(target, _)| *target == *path).map(|(_, pages)| pages)
    }

    fn pages_of(&mut self, target: Vec<u8>) -> &mut Vec<Vec<u8>> {
        let at = self.0.iter().position(|(known, _)| *known == target).unwrap_or_else(|| {
            self.0.push((target, Pages(Vec::new())));
            self.0.len() - 1
        });
        &mut self.0[at].1.0
    }
}

/// The pages from which one path may be entered.
#[derive(Clone, Debug)]
pub(crate) struct Pages(Vec<Vec<u8>>);

impl Pages {
    /// Whether one of them is at this path, which browsers have resolved already.
    pub(crate) fn contains(&self, path: &[u8]) -> bool {
        let path = page(path);
        self.0.iter().any(|page| *page == *path)
    }
}

/// What a path in a policy has to be.
fn legal(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') {
        return Err("starts with `/`");
    }
    if path.contains(['?', '#']) {
        return Err("has no query and no fragment: those are not compared");
    }
    if path.contains(['{', '}', '*']) {
        return Err("is one path, compared as a whole: patterns are not known here, so name each path");
    }
    if path.contains(char::is_control) {
        return Err("has no control characters");
    }
    let decoded: Cow<'_, [u8]> = percent_decode(path.as_bytes()).into();
    if decoded.split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b"..")) {
        return Err("has no `.` and `..`: browsers resolve those before they ask");
    }
    Ok(())
}

/// The path of a request as it is compared.
///
/// The router behind may be laxer than axum's: servlet containers, for one, drop `;parameters` and resolve `..` after
/// decoding, and some fold `\` into `/`. What any of them could take for the target is judged as the target, or a flow could be entered around its check;
/// the worst that can come of it is that an odd spelling of another path is refused.
fn target(path: &[u8]) -> Cow<'_, [u8]> {
    if is_plain(path) {
        return Cow::Borrowed(without_last_slash(path));
    }
    let decoded: Cow<'_, [u8]> = percent_decode(path).into();
    let mut way = Vec::new();
    for segment in decoded.split(|byte| matches!(byte, b'/' | b'\\')) {
        let end = segment.iter().position(|byte| *byte == b';').unwrap_or(segment.len());
        match &segment[..end] {
            b"" | b"." => {}
            b".." => drop(way.pop()),
            name => way.push(name),
        }
    }
    Cow::Owned(joined(way))
}

/// The path of a referrer as it is compared.
fn page(path: &[u8]) -> Cow<'_, [u8]> {
    if is_plain(path) {
        return Cow::Borrowed(without_last_slash(path));
    }
    let decoded: Cow<'_, [u8]> = percent_decode(path).into();
    Cow::Owned(joined(decoded.split(|byte| *byte == b'/').filter(|segment| !segment.is_empty())))
}

/// Whether nothing but a last slash has to go: so it is with nearly every path, and no copy is needed.
fn is_plain(path: &[u8]) -> bool {
    path.starts_with(b"/")
        && !path.iter().any(|byte| matches!(byte, b'%' | b';' | b'\\'))
        && !path.windows(2).any(|pair| matches!(pair, b"//" | b"/."))
}

fn without_last_slash(path: &[u8]) -> &[u8] {
    match path {
        [rest @ .., b'/'] if !rest.is_empty() => rest,
        path => path,
    }
}

fn joined<'s>(segments: impl IntoIterator<Item = &'s [u8]>) -> Vec<u8> {
    let mut path = Vec::new();
    for segment in segments {
        path.push(b'/');
        path.extend_from_slice(segment);
    }
    if path.is_empty() { b"/".to_vec() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form_as_a_target_and_one_as_a_page() {
        for (path, as_target, as_page) in [
            ("/", "/", "/"),
            ("", "/", "/"),
            ("//", "/", "/"),
            ("*", "/*", "/*"),
            ("/transfer", "/transfer", "/transfer"),
            ("/Transfer", "/Transfer", "/Transfer"),
            ("/transfer/", "/transfer", "/transfer"),
            ("/transfer//", "/transfer", "/transfer"),
            ("//transfer", "/transfer", "/transfer"),
            ("/%74ransfer", "/transfer", "/transfer"),
            ("/%2574ransfer", "/%74ransfer", "/%74ransfer"),
            ("/transfer%2F", "/transfer", "/transfer"),
            ("/a%2Fb", "/a/b", "/a/b"),
            ("/%C3%BC", "/\u{fc}", "/\u{fc}"),
            ("/%zz", "/%zz", "/%zz"),
            ("/x/../transfer", "/transfer", "/x/../transfer"),
            ("/../transfer", "/transfer", "/../transfer"),
            ("/./transfer/.", "/transfer", "/./transfer/."),
            ("/x/%2e%2E/transfer", "/transfer", "/x/../transfer"),
            ("/x%2f..%2ftransfer", "/transfer", "/x/../transfer"),
            ("/transfer;x=1", "/transfer", "/transfer;x=1"),
            ("/transfer%3Bx=1", "/transfer", "/transfer;x=1"),
            ("/;a/transfer;b/;c", "/transfer", "/;a/transfer;b/;c"),
            ("/x/..;a/transfer", "/transfer", "/x/..;a/transfer"),
            ("/.well-known", "/.well-known", "/.well-known"),
            ("/a.b", "/a.b", "/a.b"),
            ("/a../b", "/a../b", "/a../b"),
        ] {
            assert_eq!(&*target(path.as_bytes()), as_target.as_bytes(), "{path}");
            assert_eq!(&*page(path.as_bytes()), as_page.as_bytes(), "{path}");
        }
    }

    #[test]
    fn flows_of_one_path_add_up() {
        let flow = |path: &str, page: &str| Flow { path: path.into(), pages: vec![page.into()] };
        let flows = [flow("/transfer", "/account"), flow("/b", "/a"), flow("//transfer/", "/history")];
        let flows = Flows::judge(&flows).unwrap();
        let pages = flows.pages("/transfer").unwrap();
        assert!(pages.contains(b"/account") && pages.contains(b"/history/") && !pages.contains(b"/a"));
        assert!(flows.pages("/b").unwrap().contains(b"/a"));
        assert!(flows.pages("/").is_none() && flows.pages("/transfer/x").is_none());
    }
}
