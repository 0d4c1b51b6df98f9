//! The policy as a document, and what is said of a wrong one.

use tower_cookie_policy::{Basis, CookiePolicy, CookieSpec, Integrity, Lifetime, NamePattern};

use crate::support::{keys, lines, shop, write};

#[test]
fn a_policy_survives_its_documents() {
    let policy = shop().id("shop").languages(["en", "pt-BR"]).domain("example.com").build().unwrap();
    let toml = policy.to_toml().unwrap();
    let json = policy.to_json().unwrap();
    for again in [
        CookiePolicy::from_toml(&toml, keys()).unwrap().build().unwrap(),
        CookiePolicy::from_json(&json, keys()).unwrap().build().unwrap(),
    ] {
        assert_eq!(again.specs(), policy.specs());
        assert_eq!((again.id(), again.languages()), (policy.id(), policy.languages()));
        assert_eq!(again.to_toml().unwrap(), toml);
        assert_eq!(again.declaration("de"), policy.declaration("de"));
    }
    let preset = CookiePolicy::broadcloud(keys()).node("web-1").build().unwrap();
    assert_eq!(
        CookiePolicy::from_toml(&preset.to_toml().unwrap(), keys()).unwrap().build().unwrap().specs(),
        preset.specs()
    );
}

#[test]
fn a_document_says_what_goes_without_saying_by_silence() {
    let document = r#"
        [[cookie]]
        name = "promo_*"
        tail = { characters = "upper_alphanumeric", longest = 4 }
        basis = { consent = "marketing" }
        lifetime = "90 days"

        [[cookie]]
        name = "theme"
        basis = "requested"
        integrity = "signed"
        same_site = "strict"
        http_only = false
        purpose = { en = "Light or dark", de = "Hell oder dunkel" }

        [[cookie]]
        name = "plain"
        basis.essential.justification = "a test"
    "#;
    let policy = CookiePolicy::from_toml(document, keys()).unwrap().build().unwrap();
    let names: Vec<_> = policy.specs().iter().map(|row| row.name().to_string()).collect();
    assert_eq!(names, ["promo_*", "theme", "plain", "cookie_consent"]);
    assert!(
        policy.specs()[0].name().matches("promo_ABCD") && !policy.specs()[0].name().matches("promo_abcd")
    );
    assert_eq!(policy.specs()[0].declared_lifetime(), Lifetime::days(90));
    assert_eq!(policy.specs()[1].declared_integrity(), Integrity::Signed);
    assert_eq!(lines(&write(&policy, &["plain=1"])), ["plain=1; HttpOnly; SameSite=Lax; Secure; Path=/"]);
}

/// Where requests come from is said in documents as it is to the builder, and not at all where it is the default.
#[test]
fn origins_and_flows_survive_their_documents() {
    let silent = shop().build().unwrap().to_toml().unwrap();
    for field in ["origin", "require_referrer", "flow"] {
        assert!(
            !silent.lines().any(|line| line.trim_start_matches('[').starts_with(field)),
            "{field} in {silent}"
        );
    }
    let policy = CookiePolicy::empty(keys())
        .origin("http://shop.localhost:3000")
        .allowed_origins(["https://login.example", "https://Pay.example:8443"])
        .require_referrer()
        .legacy_parsers()
        .flow("/transfer", ["/account", "/transfer"])
        .flow("/\u{fc}ber", ["/"])
        .with(CookieSpec::new("theme", Basis::Requested))
        .build()
        .unwrap();
    let (toml, json) = (policy.to_toml().unwrap(), policy.to_json().unwrap());
    for again in [
        CookiePolicy::from_toml(&toml, keys()).unwrap().build().unwrap(),
        CookiePolicy::from_json(&json, keys()).unwrap().build().unwrap(),
    ] {
        assert_eq!((again.to_toml().unwrap(), again.to_json().unwrap()), (toml.clone(), json.clone()));
        assert_eq!(again.specs(), policy.specs());
    }
    let written = r#"
        origin = "http://shop.localhost:3000"
        allowed_origins = ["https://login.example", "https://Pay.example:8443"]
        require_referrer = true
        legacy_parsers = true

        [[flow]]
        path = "/transfer"
        pages = ["/account", "/transfer"]

        [[flow]]
        path = "/\u00FCber"
        pages = ["/"]

        [[cookie]]
        name = "theme"
        basis = "requested"
    "#;
    assert_eq!(CookiePolicy::from_toml(written, keys()).unwrap().build().unwrap().to_toml().unwrap(), toml);
    let mistake = written.replace("pages = [\"/\"]", "page = \"/\"");
    let error = CookiePolicy::from_toml(&mistake, keys()).unwrap_err();
    assert_eq!(error.field(), Some("flow[1].page"), "{error}");
    let mistake = written.replace("http://", "ftp://");
    let error = CookiePolicy::from_toml(&mistake, keys()).unwrap().build().unwrap_err();
    assert!(error.to_string().contains("\"ftp://shop.localhost:3000\""), "{error}");
}

#[test]
fn errors_name_line_and_field() {
    let row = "[[cookie]]\nname = \"a\"\nbasis = \"requested\"\n";
    for (toml, place, field, message) in [
        (format!("{row}lifetme = \"1 day\"\n"), Some(4), Some("cookie[0].lifetme"), "unknown field"),
        (
            format!("{row}lifetime = \"1 fortnight\"\n"),
            Some(4),
            Some("cookie[0].lifetime"),
            "`1 fortnight` is no lifetime",
        ),
        (
            format!("{row}{row}integrity = \"sgned\"\n"),
            Some(7),
            Some("cookie[1].integrity"),
            "unknown variant",
        ),
        (format!("{row}secure = \"yes\"\n"), Some(4), Some("cookie[0].secure"), "invalid type"),
        ("[[cookie]]\nname = \"a\"\n".to_owned(), Some(1), Some("cookie[0]"), "missing field `basis`"),
        ("id = 7\n".to_owned(), Some(1), Some("id"), "invalid type"),
        (
            "undeclared = \"keep\"\nlanguages = \"en\"\n".to_owned(),
            Some(2),
            Some("languages"),
            "invalid type",
        ),
        ("id = \"a\"\nid = \"b\"\n".to_owned(), Some(2), None, "duplicate key"),
        ("id = \n".to_owned(), Some(1), None, ""),
    ] {
        let error = CookiePolicy::from_toml(&toml, keys()).unwrap_err();
        assert_eq!((error.line(), error.field()), (place, field), "{toml}: {error}");
        assert!(error.to_string().contains(message), "{error}");
    }
    for (json, place, field, message) in [
        ("{\n  \"id\": 7\n}", 2, Some("id"), "invalid type"),
        (
            "{\n  \"cookie\": [\n    {\"name\": \"a\", \"basis\": \"requested\", \"lifetime\": \"x\"}\n  ]\n}",
            3,
            Some("cookie[0].lifetime"),
            "no lifetime",
        ),
        ("{\"ids\": \"a\"}", 1, Some("ids"), "unknown field"),
        ("{} {}", 1, None, "trailing"),
        ("{", 1, None, "EOF"),
    ] {
        let error = CookiePolicy::from_json(json, keys()).unwrap_err();
        assert_eq!((error.line(), error.field()), (Some(place), field), "{json}: {error}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

/// What a document says is judged by `build()`, as everything else.
#[test]
fn a_document_is_judged_by_build() {
    let document = "[[cookie]]\nname = \"a b\"\nbasis = \"requested\"\n";
    let error = CookiePolicy::from_toml(document, keys()).unwrap().build().unwrap_err();
    assert!(error.to_string().contains("\"a b\""), "{error}");
}

/// What it says of a row that it does not have included.
#[test]
fn a_list_of_nodes_needs_its_row() {
    let row = "[[cookie]]\nname = \"a\"\nbasis = \"requested\"\n";
    let document = format!("node = \"web-1\"\nnodes = [\"web-1\", \"web-2\"]\n{row}");
    let error = CookiePolicy::from_toml(&document, keys()).unwrap().build().unwrap_err();
    assert!(error.to_string().contains("\"web-2\"") && error.to_string().contains("Role::Node"), "{error}");
}

#[test]
fn a_name_that_ends_in_a_star_stays_one_name() {
    let row = CookieSpec::new(NamePattern::exact("a*"), Basis::Requested);
    let policy = CookiePolicy::empty(keys()).with(row).build().unwrap();
    let again = CookiePolicy::from_toml(&policy.to_toml().unwrap(), keys()).unwrap().build().unwrap();
    assert_eq!(again.specs(), policy.specs());
    assert!(!again.specs()[0].name().matches("ab"));
}

#[test]
fn no_document_holds_a_key() {
    let policy = shop().build().unwrap();
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    for document in [policy.to_toml().unwrap(), policy.to_json().unwrap()] {
        assert!(!document.contains(&key[..16]) && !document.contains("key"), "{document}");
    }
}
