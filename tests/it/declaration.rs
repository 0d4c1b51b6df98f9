//! The page and the wire say the same.

use proptest::prelude::*;
use serde_json::Value;
use tower_cookie_policy::{
    Basis, Category, CookiePolicy, CookieSpec, Integrity, Issuer, Lifetime, STYLESHEET, TestClock,
};

use crate::support::{NOW, attributes, keys, lines, order, shop, write};

fn json(policy: &CookiePolicy, language: &str) -> Vec<Value> {
    let page: Value = serde_json::from_str(&policy.declaration(language).to_json()).unwrap();
    page["cookies"].as_array().unwrap().clone()
}

#[test]
fn html_markdown_and_json_list_the_same_names_in_both_languages() {
    let policy = shop().build().unwrap();
    let names: Vec<String> = policy.specs().iter().map(|row| row.name().to_string()).collect();
    for (language, essential) in
        [("en", "Essential"), ("de", "Notwendig"), ("de-CH", "Notwendig"), ("fr", "Essential")]
    {
        let declaration = policy.declaration(language);
        let listed: Vec<String> =
            json(&policy, language).iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(sorted(&listed), sorted(&names));
        let (html, markdown) = (declaration.to_html(), declaration.to_markdown());
        for name in &names {
            assert!(html.contains(&format!("<code>{name}</code>")), "{name}");
            assert!(markdown.contains(&format!("| `{name}` |")), "{name}");
        }
        assert!(html.contains(essential) && markdown.contains(essential));
        assert_eq!(html.matches("<tr>").count() - html.matches("<thead>").count(), names.len());
        assert_eq!(markdown.matches("\n| ").count() - markdown.matches("\n|---").count(), names.len());
    }
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names
}

#[test]
fn json_says_what_the_table_says() {
    let policy = shop().build().unwrap();
    let rows = json(&policy, "en");
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap().clone();
    assert_eq!(
        row("theme"),
        serde_json::json!({
            "type": "Other", "name": "theme", "category": "essential", "basis": "requested", "function": "",
            "justification": null, "persistent": true, "duration": "1 year", "max_age": 31_536_000,
            "integrity": "signed", "issuer": "server",
            "attributes": {"path": "/", "domain": null, "same_site": "Lax", "secure": true, "http_only": true},
        })
    );
    assert_eq!(row("stats")["category"], "statistics");
    assert_eq!(row("stats")["basis"], "consent");
    assert_eq!(row("XRM*")["issuer"], "load_balancer");
    assert_eq!(row("JSESSIONID")["type"], "Session ID");
    assert!(row("JSESSIONID")["justification"].as_str().unwrap().len() > 20);
    assert_eq!(row("TS*")["names"][0], "TS017a625a");
    let german: Value = serde_json::from_str(&policy.declaration("de-AT").to_json()).unwrap();
    assert_eq!((&german["policy"], &german["language"]), (&"broadcloud".into(), &"de".into()));
    assert_eq!(german["cookies"][0]["type"], "Sitzungskennung");
}

#[test]
fn texts_cannot_break_out_of_the_page() {
    let row = CookieSpec::new("a`|b", Basis::essential("<script>alert(1)</script>"))
        .kind("en", "K|<b>")
        .purpose("en", "a | b\n| c | <i>x</i> [y](javascript:z)");
    let declaration = CookiePolicy::empty(keys()).with(row).build().unwrap().declaration("en");
    let html = declaration.to_html();
    assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
    let markdown = declaration.to_markdown();
    let line = markdown.lines().last().unwrap();
    assert!(!markdown.contains(" <i>") && !markdown.contains("[y]("), "{markdown}");
    assert_eq!(line.replace("\\|", "").matches('|').count(), 6, "{line}");
    assert!(line.contains(" `` a`\\|b `` "), "{line}");
}

#[test]
fn the_page_needs_no_inline_style_or_script() {
    let html = shop().build().unwrap().declaration("de").to_html();
    for forbidden in ["<script", "<style", " style=", "javascript:", " on", "http://", "https://"] {
        assert!(!html.to_lowercase().contains(forbidden) || forbidden == " on", "{forbidden}");
    }
    assert!(STYLESHEET.contains(".cookie-declaration") && !STYLESHEET.contains("url("));
}

fn table() -> impl Strategy<Value = CookiePolicy> {
    let basis = prop::sample::select(vec![
        Basis::essential("a test"),
        Basis::Requested,
        Basis::Consent(Category::Statistics),
        Basis::Consent(Category::Other("maps".into())),
    ]);
    let integrity =
        prop::sample::select(vec![Integrity::Open, Integrity::Guarded, Integrity::Signed, Integrity::Sealed]);
    let issuer = prop::sample::select(vec![Issuer::Server, Issuer::Script, Issuer::LoadBalancer]);
    let lifetime = prop::option::of(1u32..34_560_000);
    let row = (basis, integrity, issuer, lifetime, any::<bool>(), any::<bool>());
    prop::collection::vec(row, 0..8).prop_filter_map("builds", |rows| {
        let mut policy = CookiePolicy::empty(keys()).clock(TestClock::at(NOW).clock());
        for (at, (basis, integrity, issuer, lifetime, pattern, scripted)) in rows.into_iter().enumerate() {
            let name = if pattern { format!("row{at}_*") } else { format!("row{at}") };
            let lifetime = lifetime
                .filter(|_| integrity != Integrity::Guarded)
                .map_or(Lifetime::Session, Lifetime::seconds);
            let row =
                CookieSpec::new(name.as_str(), basis).integrity(integrity).issuer(issuer).lifetime(lifetime);
            policy = policy.with(if scripted { row.readable_by_script() } else { row });
        }
        policy.build().ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Names, lifetimes and attributes that can leave are those that the declaration lists.
    #[test]
    fn what_can_leave_is_what_the_page_lists(policy in table(), stranger in "[a-zA-Z0-9_]{1,9}") {
        let rows = json(&policy, "en");
        let mut names: Vec<String> = (0..9).flat_map(|at| [format!("row{at}"), format!("row{at}_x"), format!("row{at}_")]).collect();
        names.extend([stranger, "cookie_consent".to_owned(), "TS017a625a".to_owned()]);
        for name in names {
            let by_handle = order(&policy, |cookies| { let _ = cookies.set(&name, "v"); });
            let by_header = write(&policy, &[format!("{name}=v; Max-Age=999999999; Path=/x; Domain=a.example")]);
            for line in [lines(&by_handle), lines(&by_header)].concat() {
                // A guarded cookie brings TS cookies along.
                let name = line.split('=').next().unwrap();
                let listed = rows.iter().find(|row| {
                    let listed = row["name"].as_str().unwrap();
                    listed == name || listed.strip_suffix('*').is_some_and(|prefix| name.starts_with(prefix) && name.len() > prefix.len())
                });
                let row = listed.unwrap_or_else(|| panic!("{name} is not listed"));
                let sent = attributes(&line);
                let max_age = sent.iter().find_map(|attribute| attribute.strip_prefix("max-age="));
                let listed_age = row["max_age"].as_u64().map(|age| age.to_string());
                prop_assert_eq!(max_age, listed_age.as_deref());
                prop_assert_eq!(sent.iter().any(|attribute| attribute.starts_with("expires=")), max_age.is_some());
                let listed = &row["attributes"];
                prop_assert_eq!(sent.contains(&"secure".to_owned()), listed["secure"].as_bool().unwrap());
                prop_assert_eq!(sent.contains(&"httponly".to_owned()), listed["http_only"].as_bool().unwrap());
                let path = format!("path={}", listed["path"].as_str().unwrap());
                prop_assert!(sent.contains(&path));
                let same_site = format!("samesite={}", listed["same_site"].as_str().unwrap().to_lowercase());
                prop_assert!(sent.contains(&same_site));
                prop_assert!(!sent.iter().any(|attribute| attribute.starts_with("domain=")));
            }
        }
    }
}
