//! The links of an HTML page: the values of `href` and `src`.
//!
//! This is no parser of HTML. It sees what a start tag is, passes over comments and what scripts and styles hold, and takes
//! attributes as the standard's tokenizer splits them; a link too many does no harm here.

/// The links, as they are written, and where the page says that they are relative to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) base: Option<String>,
    pub(super) references: Vec<String>,
}

impl Links {
    pub(super) fn of(html: &str) -> Self {
        let mut links = Self::default();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            rest = &rest[at + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let (name, behind) = rest.split_at(rest.find(ends_name).unwrap_or(rest.len()));
                let name = name.to_ascii_lowercase();
                rest = links.attributes(&name, behind);
                if ["script", "style"].contains(&name.as_str()) {
                    rest = behind_text(rest, &name);
                }
            }
        }
        links
    }

    /// Takes a tag's attributes, and returns what follows the tag.
    fn attributes<'h>(&mut self, tag: &str, mut rest: &'h str) -> &'h str {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let end = rest.find(|c: char| c == '=' || ends_name(c)).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            let behind = behind.trim_ascii_start();
            let Some(value) = behind.strip_prefix('=') else {
                match (behind.strip_prefix('>'), name.is_empty()) {
                    (Some(behind), _) => return behind,
                    (None, true) => return "",
                    (None, false) => rest = behind,
                }
                continue;
            };
            let (value, behind) = value_of(value.trim_ascii_start());
            self.attribute(tag, &name.to_ascii_lowercase(), value);
            rest = behind;
        }
    }

    fn attribute(&mut self, tag: &str, name: &str, value: &str) {
        match (tag, name) {
            ("base", "href") => self.base = self.base.take().or_else(|| Some(unescaped(value))),
            (_, "href" | "src") => self.references.push(unescaped(value)),
            _ => {}
        }
    }
}

fn ends_name(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '/' | '>')
}

/// A value in quotes or without, and what follows it.
fn value_of(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(text) = text.strip_prefix(quote) {
            return text.split_once(quote).unwrap_or((text, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len()))
}

/// What follows the text of a script or a style, which ends only with its own end tag.
fn behind_text<'h>(text: &'h str, tag: &str) -> &'h str {
    let is_end = |at: &usize| {
        let name = text.get(at + 2..at + 2 + tag.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(tag))
    };
    text.match_indices("</").map(|(at, _)| at).find(is_end).map_or("", |at| &text[at..])
}

/// The character references that occur in addresses.
fn unescaped(value: &str) -> String {
    let known =
        [("&#38;", "&"), ("&#x26;", "&"), ("&#39;", "'"), ("&#x27;", "'"), ("&quot;", "\""), ("&amp;", "&")];
    known.iter().fold(value.to_owned(), |value, (written, meant)| value.replace(written, meant))
}

#[cfg(test)]
mod tests {
    use super::Links;

    #[test]
    fn links_are_found_as_the_tokenizer_splits_tags() {
        for (html, references) in [
            ("<a href=\"/a\">a</a><img src='/b.png'/>", &["/a", "/b.png"][..]),
            ("<A HREF=/a>a</A><a href=/b/>", &["/a", "/b/"]),
            ("<a\n class = x  href = '/a' >", &["/a"]),
            ("<a hidden href=/a><a data-href=/no href>", &["/a"]),
            ("<a href=\"/a?x=1&amp;y=2\">", &["/a?x=1&y=2"]),
            ("<a title='>' href='/a'>", &["/a"]),
            ("<!-- <a href=/no> --><a href=/a>", &["/a"]),
            ("<script>'<a href=/no>'</script><a href=/a>", &["/a"]),
            ("<script src=/a.js></SCRIPT><style>a{}</style><link href=/b.css>", &["/a.js", "/b.css"]),
            ("1 < 2 <a href=/a", &["/a"]),
            ("<a href=\"/a", &["/a"]),
            ("<a", &[]),
            ("<a =/no href=/a>", &["/a"]),
            ("", &[]),
        ] {
            assert_eq!(Links::of(html).references, references, "{html}");
        }
    }

    #[test]
    fn the_first_base_counts() {
        let links = Links::of("<base href=/shop/><base href=/no/><a href=a>");
        assert_eq!((links.base.as_deref(), links.references), (Some("/shop/"), vec!["a".to_owned()]));
    }
}
