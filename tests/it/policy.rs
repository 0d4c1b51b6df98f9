//! What builds, what does not, and what is unwise.

use std::time::Duration;

use tower_cookie_policy::{
    Basis, BuildError, Category, Characters, CookiePolicy, CookiePolicyBuilder, CookieSpec, Integrity,
    Issuer, Key, KeyError, KeyRing, Lifetime, Lint, NamePattern, Role, SameSite, Tail,
};

use crate::support::{key, keys};

fn row(name: &str) -> CookieSpec {
    CookieSpec::new(name, Basis::essential("a test"))
}

fn empty() -> CookiePolicyBuilder {
    CookiePolicy::empty(keys())
}

/// A builder, the variant that it has to fail with, and what the sentence has to quote.
type Mistake<'c> = (CookiePolicyBuilder, fn(&BuildError) -> bool, Vec<&'c str>);

/// Each mistake has a variant of its own, and a sentence that quotes it.
#[test]
fn each_mistake_is_named_and_quoted() {
    let long = "n".repeat(256);
    let cases: Vec<Mistake<'_>> = vec![
        (empty().id("a b"), |e| matches!(e, BuildError::IllegalId { .. }), vec!["\"a b\""]),
        (empty().id(""), |e| matches!(e, BuildError::IllegalId { .. }), vec!["\"\""]),
        (empty().with(row("a b")), |e| matches!(e, BuildError::IllegalName { .. }), vec!["\"a b\""]),
        (empty().with(row("")), |e| matches!(e, BuildError::IllegalName { .. }), vec!["\"\""]),
        (empty().with(row("a=b")), |e| matches!(e, BuildError::IllegalName { .. }), vec!["\"a=b\""]),
        (empty().with(row("a;b*")), |e| matches!(e, BuildError::IllegalName { .. }), vec!["\"a;b\""]),
        (empty().with(row(&long)), |e| matches!(e, BuildError::LongName { .. }), vec!["256"]),
        (
            empty().with(row("a")).with(row("a")),
            |e| matches!(e, BuildError::DuplicateName { .. }),
            vec!["\"a\""],
        ),
        (
            empty().with(row("a*")).with(row("a*")),
            |e| matches!(e, BuildError::DuplicateName { .. }),
            vec!["\"a*\""],
        ),
        (
            empty().with(row("a*")).with(row("ab")),
            |e| matches!(e, BuildError::OverlappingNames { .. }),
            vec!["\"a*\"", "\"ab\""],
        ),
        (
            empty().with(row("ab*")).with(row("a*")),
            |e| matches!(e, BuildError::OverlappingNames { .. }),
            vec!["\"ab*\"", "\"a*\""],
        ),
        (
            CookiePolicy::broadcloud(keys()).node("n").with(row("XRMlower")),
            |e| matches!(e, BuildError::OverlappingNames { .. }),
            vec!["\"XRM*\"", "\"XRMlower\""],
        ),
        (
            empty().with(row("theme")).with(row("th%65me")),
            |e| matches!(e, BuildError::AliasName { .. }),
            vec!["\"th%65me\""],
        ),
        (
            empty().with(row("%54S017a625a")).with(row("a").integrity(Integrity::Guarded)),
            |e| matches!(e, BuildError::AliasName { .. }),
            vec!["\"%54S017a625a\""],
        ),
        (empty().with(row("%74*")), |e| matches!(e, BuildError::AliasName { .. }), vec!["\"%74*\""]),
        (
            empty().with(row("b*").integrity(Integrity::Guarded)).with(row("TSa*")),
            |e| matches!(e, BuildError::TransactionName { .. }),
            vec!["\"TSa*\""],
        ),
        (
            empty().with(row("a*").tail(Tail::new(Characters::Token, 0))),
            |e| matches!(e, BuildError::EmptyTail { .. }),
            vec!["\"a*\""],
        ),
        (
            empty().with(row(&format!("{}*", &long[1..]))),
            |e| matches!(e, BuildError::LongName { .. }),
            vec!["255"],
        ),
        (
            empty().with(CookieSpec::new("a", Basis::Consent(Category::Other("Maps; x".into())))),
            |e| matches!(e, BuildError::IllegalCategory { .. }),
            vec!["\"Maps; x\""],
        ),
        (
            empty().with(CookieSpec::new("a", Basis::Consent(Category::Other("marketing".into())))),
            |e| matches!(e, BuildError::IllegalCategory { .. }),
            vec!["\"marketing\""],
        ),
        (
            empty().with(row("a").integrity(Integrity::Signed).issuer(Issuer::Script)),
            |e| matches!(e, BuildError::ForeignIssuer { .. }),
            vec!["\"a\"", "Script", "Signed"],
        ),
        (
            empty().with(row("a").role(Role::Transaction)),
            |e| matches!(e, BuildError::RolePattern { .. }),
            vec!["\"a\""],
        ),
        (
            empty().with(row("TS017a625a")).with(row("a").integrity(Integrity::Guarded)),
            |e| matches!(e, BuildError::TransactionName { .. }),
            vec!["\"TS017a625a\""],
        ),
        (
            empty().with(row("__Host-a").path("/x")),
            |e| matches!(e, BuildError::BrokenPrefix { .. }),
            vec!["\"__Host-a\"", "`__Host-`"],
        ),
        (
            empty().with(row("__hOsT-a").domain("a.example")),
            |e| matches!(e, BuildError::BrokenPrefix { .. }),
            vec!["\"__hOsT-a\""],
        ),
        (
            empty().with(row("__Host-a")).danger_allow_http(),
            |e| matches!(e, BuildError::BrokenPrefix { .. }),
            vec!["Secure"],
        ),
        (
            empty().with(row("__Secure-a").danger_without_secure()),
            |e| matches!(e, BuildError::BrokenPrefix { .. }),
            vec!["`__Secure-`"],
        ),
        (
            empty().with(row("__Http-a").readable_by_script()),
            |e| matches!(e, BuildError::BrokenPrefix { .. }),
            vec!["HttpOnly"],
        ),
        (
            empty().with(row("__Host-Http-a*").readable_by_script()),
            |e| matches!(e, BuildError::BrokenPrefix { .. }),
            vec!["`__Host-Http-`"],
        ),
        (
            empty().with(row("a").same_site(SameSite::None).danger_without_secure()),
            |e| matches!(e, BuildError::SameSiteNoneWithoutSecure { .. }),
            vec!["\"a\"", "SameSite=None"],
        ),
        (
            empty().with(row("a").lifetime(Lifetime::days(401))),
            |e| matches!(e, BuildError::LongLifetime { .. }),
            vec!["401 days", "400 days"],
        ),
        (
            empty().with(row("a").lifetime(Lifetime::seconds(34_560_001))),
            |e| matches!(e, BuildError::LongLifetime { .. }),
            vec!["34560001 seconds"],
        ),
        (
            empty().with(row("a").lifetime(Lifetime::seconds(0))),
            |e| matches!(e, BuildError::NoLifetime { .. }),
            vec!["\"a\""],
        ),
        (empty().with(row("a").path("x")), |e| matches!(e, BuildError::IllegalPath { .. }), vec!["\"x\""]),
        (
            empty().with(row("a").path("/x;y")),
            |e| matches!(e, BuildError::IllegalPath { .. }),
            vec!["\"/x;y\""],
        ),
        (
            empty().with(row("a").domain(".example.com")),
            |e| matches!(e, BuildError::IllegalDomain { .. }),
            vec!["\".example.com\""],
        ),
        (
            empty().with(row("a").domain("example.com:80")),
            |e| matches!(e, BuildError::IllegalDomain { .. }),
            vec!["\"example.com:80\""],
        ),
        (
            empty().with(row("a")).domain("b\u{fc}cher.example"),
            |e| matches!(e, BuildError::IllegalDomain { .. }),
            vec!["b\u{fc}cher"],
        ),
        (
            empty().with(CookieSpec::new("a", Basis::essential("  "))),
            |e| matches!(e, BuildError::NoJustification { .. }),
            vec!["\"a\""],
        ),
        (
            empty().with(row("a").integrity(Integrity::Guarded).lifetime(Lifetime::days(1))),
            |e| matches!(e, BuildError::GuardedLifetime { .. }),
            vec!["\"a\"", "1 day"],
        ),
        (
            empty().with(row("a").integrity(Integrity::Guarded).path("/x")),
            |e| matches!(e, BuildError::GuardedScope { .. }),
            vec!["Path", "\"/x\""],
        ),
        (
            empty().with(row("a").integrity(Integrity::Guarded).domain("b.c")),
            |e| matches!(e, BuildError::GuardedScope { .. }),
            vec!["Domain", "\"b.c\""],
        ),
        (
            empty().with(row("a").integrity(Integrity::Guarded).same_site(SameSite::Strict)),
            |e| matches!(e, BuildError::GuardedScope { .. }),
            vec!["SameSite", "\"Strict\"", "\"Lax\""],
        ),
        (
            empty().with(row("a").integrity(Integrity::Guarded).danger_without_secure()),
            |e| matches!(e, BuildError::GuardedScope { .. }),
            vec!["Secure"],
        ),
        // The two names were found by another implementation of SHA-256: their hashes share 32 bits.
        (
            empty()
                .with(row("cart51930").integrity(Integrity::Guarded))
                .with(row("cart64780").integrity(Integrity::Guarded)),
            |e| matches!(e, BuildError::SameCompanion { .. }),
            vec!["\"cart51930\"", "\"cart64780\"", "\"TSf283e406d\""],
        ),
        (
            empty()
                .with(row("a").role(Role::Session).integrity(Integrity::Guarded))
                .with(row("b").role(Role::Session).integrity(Integrity::Guarded)),
            |e| matches!(e, BuildError::DuplicateRole { .. }),
            vec!["\"a\"", "\"b\"", "Session"],
        ),
        (
            empty().with(row("a").role(Role::Visitor)),
            |e| matches!(e, BuildError::RoleIntegrity { .. }),
            vec!["Visitor", "Signed", "Open"],
        ),
        (
            empty().with(row("a*").role(Role::ScriptSession)),
            |e| matches!(e, BuildError::RolePattern { .. }),
            vec!["\"a*\""],
        ),
        (
            CookiePolicy::broadcloud(keys()),
            |e| matches!(e, BuildError::NoNode { .. }),
            vec!["\"bsloc\"", ".node("],
        ),
        (empty().node(""), |e| matches!(e, BuildError::IllegalNode { .. }), vec!["\"\""]),
        (
            empty().with(row("a").role(Role::Language)),
            |e| matches!(e, BuildError::NoLanguages { .. }),
            vec!["\"a\"", ".languages("],
        ),
        (
            empty().context_path("/app"),
            |e| matches!(e, BuildError::ContextPathWithoutRow { .. }),
            vec!["\"/app\"", "Role::ScriptSession"],
        ),
        (
            empty().node("web-1").nodes(["web-1", "web-2"]),
            |e| matches!(e, BuildError::NodesWithoutRow { .. }),
            vec!["[\"web-1\", \"web-2\"]", "Role::Node"],
        ),
        (
            CookiePolicy::broadcloud(keys()).node("n").without("root.autoUserLoginId").on_theft(|_| {}),
            |e| matches!(e, BuildError::TheftWithoutRow),
            vec![".on_theft(", "Role::AutoLogin"],
        ),
        (
            CookiePolicy::broadcloud(keys()).node("n").without("JSESSIONID").on_theft(|_| {}),
            |e| matches!(e, BuildError::TheftWithoutRow),
            vec!["Role::Session"],
        ),
        (
            empty().languages(["de", "not a tag"]),
            |e| matches!(e, BuildError::IllegalLanguage { .. }),
            vec!["\"not a tag\""],
        ),
        (
            empty().absolute_limit(Duration::ZERO),
            |e| matches!(e, BuildError::AbsoluteLimit { .. }),
            vec!["0 seconds"],
        ),
        (
            empty().absolute_limit(Duration::MAX),
            |e| matches!(e, BuildError::AbsoluteLimit { .. }),
            vec!["400 days"],
        ),
    ];
    for (builder, is, quoted) in cases {
        let shown = format!("{builder:?}");
        let error = builder.build().err().unwrap_or_else(|| panic!("builds: {shown}"));
        assert!(is(&error), "{error:?}");
        for quote in quoted {
            assert!(error.to_string().contains(quote), "{quote} in {error}");
        }
    }
}

#[test]
fn what_is_just_legal_builds() {
    let long = "n".repeat(255);
    for builder in [
        empty(),
        empty().with(row(&long)),
        empty().with(row("a").lifetime(Lifetime::LONGEST)),
        empty().with(row("a").same_site(SameSite::None)),
        empty()
            .with(row("a").integrity(Integrity::Guarded))
            .same_site(SameSite::Strict)
            .domain("example.com"),
        empty().with(row("a").integrity(Integrity::Guarded)).danger_allow_http(),
        empty().with(row("__Host-a").integrity(Integrity::Signed)).domain("example.com"),
        empty().with(CookieSpec::new(NamePattern::exact("a*"), Basis::Requested)).with(row("ab")),
        CookiePolicy::broadcloud(keys())
            .without("JSESSIONID")
            .with(row("JSESSIONID").integrity(Integrity::Guarded))
            .node("n"),
        CookiePolicy::broadcloud(keys()).without("bsloc"),
        CookiePolicy::broadcloud(keys()).without("bsloc").node("n").nodes([""; 0]),
        CookiePolicy::broadcloud(keys()).node("n").context_path("/app").nodes(["n", "m"]).on_theft(|_| {}),
    ] {
        let shown = format!("{builder:?}");
        assert!(builder.build().is_ok(), "{shown}");
    }
}

/// The ten rows of the documented table and their facts.
#[test]
fn the_preset_is_the_documented_table() {
    let policy = CookiePolicy::broadcloud(keys()).node("web-1").build().unwrap();
    let rows: Vec<_> = policy
        .specs()
        .iter()
        .map(|row| {
            let basis = matches!(row.basis(), Basis::Requested);
            (
                row.name().to_string(),
                row.declared_lifetime().max_age(),
                row.declared_integrity(),
                row.declared_issuer(),
                basis,
            )
        })
        .collect();
    let year = Some(31_536_000);
    let expected = [
        ("JSESSIONID", None, Integrity::Guarded, Issuer::Server, false),
        ("DWRSESSIONID", None, Integrity::Open, Issuer::Server, false),
        ("X-Appia-UUID", None, Integrity::Guarded, Issuer::Server, false),
        ("root.autoUserLoginId", year, Integrity::Signed, Issuer::Server, true),
        ("X-Appia-ExtAuth", None, Integrity::Sealed, Issuer::Server, false),
        ("OFBiz.Visitor", year, Integrity::Signed, Issuer::Server, false),
        ("bsloc", None, Integrity::Guarded, Issuer::Server, false),
        ("i18next", Some(2_592_000), Integrity::Open, Issuer::Server, true),
        ("XRM*", None, Integrity::Open, Issuer::LoadBalancer, false),
        ("TS*", None, Integrity::Open, Issuer::Server, false),
    ];
    assert_eq!(
        rows,
        expected.map(|(name, age, integrity, issuer, basis)| (
            name.to_owned(),
            age,
            integrity,
            issuer,
            basis
        ))
    );
    let scripted: Vec<_> = policy
        .declaration("en")
        .entries()
        .filter(|row| !row.attributes.http_only)
        .map(|row| row.name.clone())
        .collect();
    assert_eq!(scripted, ["DWRSESSIONID", "i18next"]);
    assert!(policy.declaration("en").entries().all(|row| row.attributes.path == "/"
        && row.attributes.secure
        && row.attributes.same_site == "Lax"
        && row.attributes.domain.is_none()));
    assert_eq!(policy.transaction_names(), ["TS017a625a", "TSde659670d", "TS7a10645ed", "TS1eb38b6cd"]);
}

#[test]
fn rows_bring_along_what_they_need() {
    let names = |policy: CookiePolicyBuilder| -> Vec<String> {
        policy.build().unwrap().specs().iter().map(|row| row.name().to_string()).collect()
    };
    assert_eq!(names(empty().with(row("a"))), ["a"]);
    assert_eq!(names(empty().with(row("a").integrity(Integrity::Guarded))), ["a", "TS*"]);
    assert_eq!(
        names(empty().with(CookieSpec::new("a", Basis::Consent(Category::Other("maps".into()))))),
        ["a", "cookie_consent"]
    );
}

#[test]
fn what_is_unwise_is_said() {
    let name = |name: &str| name.to_owned();
    let lints = CookiePolicy::broadcloud(keys()).node("web-1").build().unwrap().lint();
    assert!(lints.contains(&Lint::EssentialVisitorId { name: name("OFBiz.Visitor") }), "{lints:?}");
    assert!(lints.contains(&Lint::NoHostPrefix { name: name("JSESSIONID") }));
    assert!(lints.contains(&Lint::DefaultId));
    assert!(!lints.iter().any(|lint| matches!(lint, Lint::EssentialLogin { .. } | Lint::DomainSet { .. })));
    let login = row("login").role(Role::AutoLogin).integrity(Integrity::Signed).lifetime(Lifetime::YEAR);
    let lints = empty().id("shop").with(login.domain("example.com")).build().unwrap().lint();
    for lint in [
        Lint::EssentialLogin { name: name("login") },
        Lint::DomainSet { name: name("login") },
        Lint::NoHostPrefix { name: name("login") },
        Lint::NoPurpose { name: name("login") },
    ] {
        assert!(lints.contains(&lint) && lint.to_string().contains("\"login\""), "{lint}");
    }
    assert_eq!(lints.len(), 4);
    let wise = row("__Host-a").purpose("en", "A test");
    assert_eq!(empty().id("shop").with(wise).build().unwrap().lint(), []);
}

#[test]
fn a_text_that_one_language_lacks_is_said() {
    let missing = |policy: CookiePolicyBuilder| -> Vec<String> {
        let lints = policy.id("shop").build().unwrap().lint().into_iter();
        let untranslated = lints.filter(|lint| matches!(lint, Lint::Untranslated { .. }));
        untranslated.map(|lint| lint.to_string()).collect()
    };
    let lacks = |name: &str, call: &str| {
        format!("cookie {name:?} lacks a text that it has in another language: say `.{call}, …)`")
    };
    // The preset is in English and German. What nobody wrote anything in is not asked for.
    for languages in
        [&["en", "de"][..], &["de", "en"], &["en", "de", "fr", "es"], &["de-AT", "en-GB"], &["fr"]]
    {
        let policy = CookiePolicy::broadcloud(keys()).node("web-1").languages(languages.iter().copied());
        assert_eq!(missing(policy), [""; 0], "{languages:?}");
    }
    let essential = CookieSpec::new("a", Basis::essential("Why")).kind("en", "A").purpose("en", "A test");
    let german = row("b").kind("de", "B").purpose("de", "Ein Test").purpose("en", "A test");
    let table = |languages: &[&str]| {
        empty().languages(languages.iter().copied()).with(essential.clone()).with(german.clone())
    };
    // `row` is essential, and its justification is English where English comes first.
    assert_eq!(
        missing(table(&["en", "de"])),
        [
            lacks("a", "kind(\"de\""),
            lacks("a", "purpose(\"de\""),
            lacks("a", "justification(\"de\""),
            lacks("b", "kind(\"en\""),
            lacks("b", "justification(\"de\""),
        ]
    );
    assert_eq!(missing(table(&["en"])), [lacks("b", "kind(\"en\"")]);
    assert_eq!(missing(table(&[])), [""; 0]);
    // A row that says nothing of itself in any language says nothing in each.
    let silent = table(&["en", "de"]).without("a").without("b").with(row("c").justification("de", "Darum"));
    assert_eq!(missing(silent), [""; 0]);
}

/// T34: keys of another length are refused, and errors place a bad key without printing it.
#[test]
fn keys_are_32_bytes() {
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    assert!(Key::from_hex(hex).is_ok() && Key::from_hex(&hex.to_uppercase()).is_ok());
    assert_eq!(Key::from_bytes(&[1; 31]).unwrap_err(), KeyError::Length { bytes: 31 });
    assert_eq!(Key::from_bytes(&[]).unwrap_err(), KeyError::Length { bytes: 0 });
    assert_eq!(Key::from_hex(&hex[1..]).unwrap_err(), KeyError::Digits { digits: 63 });
    assert_eq!(Key::from_hex("xyz").unwrap_err(), KeyError::Hex { at: 0 });
    let other = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
    assert!(KeyRing::from_hex(&format!("{hex}, {other}")).is_ok());
    for (list, expected) in [
        ("", "no key"),
        (" ", "no key"),
        ("zz", "key 0"),
        (&format!("{hex},"), "key 1"),
        (&format!("{hex},{hex}"), "key id"),
    ] {
        let error = KeyRing::from_hex(list).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("0102"), "{error}");
    }
    assert_eq!(KeyRing::new(key(0)).accepting(key(0)).unwrap_err(), KeyError::SameKeyId { position: 1 });
    let error = KeyRing::from_env("SURELY_UNSET_COOKIE_KEYS").unwrap_err();
    assert!(error.to_string().contains("`SURELY_UNSET_COOKIE_KEYS`"), "{error}");
}

/// T5: generated keys differ, in every byte.
#[test]
fn keys_are_random() {
    use crate::support::{issue, shop};
    let issued = |_| {
        let theme = CookieSpec::new("t", Basis::Requested).integrity(Integrity::Signed);
        issue(&CookiePolicy::empty(KeyRing::generate().unwrap()).with(theme).build().unwrap(), "t", "v")
    };
    let all: std::collections::HashSet<String> = (0..100).map(issued).collect();
    assert_eq!(all.len(), 100);
    assert!(shop().build().is_ok());
}
