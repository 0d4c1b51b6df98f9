//! Ambiguity: no two requests mean the same to the check and something else to a handler.

use tower_cookie_policy::{Action, Basis, CookieSpec};

use super::jar::{Jar, MAIN, OF_CART, companion, guarded, refused, verifies};
use crate::support::{visit, vouched};

/// `a=b; c=d` against one value that contains it, in both directions.
#[test]
fn a_value_cannot_contain_a_cookie() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=a", "basket=b"]);
    for value in ["a; basket=b", "a;basket=b", "a;", "a; "] {
        let seen = jar.without("basket").with("cart", value).seen(&policy);
        assert_eq!(seen.value("cart").as_deref(), Some("a"), "{value:?} is a cookie and perhaps another");
    }
    for value in ["a, basket=b", "a,basket=b", "a%3B basket=b", "a basket=b", "a=b"] {
        refused(&policy, &jar.with("cart", value), "cart", "modified");
    }
}

/// T33, T36: quotes, `$Version` and commas are the value's own.
#[test]
fn quotes_versions_and_commas_are_the_values_own() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=\"3\""]);
    assert_eq!(jar.value("cart"), "\"3\"");
    verifies(&policy, &jar);
    refused(&policy, &jar.with("cart", "3"), "cart", "modified");
    let jar = Jar::default().set(&policy, &["cart=3"]);
    refused(&policy, &jar.with("cart", "\"3\""), "cart", "modified");
    refused(&policy, &jar.with("cart", "%33"), "cart", "modified");
    let header = format!("$Version=1; {}; $Path=/", jar.header());
    let seen = visit(&policy, &[header]);
    assert_eq!(seen.header(), "$Version=1; cart=3; $Path=/");
    // A comma splits nothing, so this is one pair whose value is another.
    let seen = visit(&policy, &[jar.header().replace("; ", ", ")]);
    assert_eq!((seen.value("cart"), seen.refusals.len()), (None, 1));
}

/// T36. To parsers that split at commas, as `$Version=1` tells some to, or at blanks, a value may hold more cookies. Where there are
/// such behind the layer, what would be a declared one is in no value that nothing speaks for.
#[test]
fn nothing_declared_hides_in_another_value() {
    let lenient = guarded().build().unwrap();
    let seen = visit(&lenient, &["a=b, cart=evil"]);
    assert_eq!((seen.header().as_str(), seen.refusals.len()), ("a=b, cart=evil", 0), "it is a value");
    let guarded = || guarded().legacy_parsers();
    let policy = guarded().build().unwrap();
    for value in [
        "b,cart=evil",
        "b, cart=evil",
        "b cart=evil",
        "b\tcart=evil",
        "b, cart = evil",
        "b,\t cart\t=evil",
        ",cart=evil",
        "\"b, cart=evil\"",
        "b,item_x=evil",
        "b,x=1,y=2,cart=evil,z",
        "b,c%61rt=evil",
        "b,JSESSIONID=evil",
        "b, TS017a625a=x",
        "b,TSfe73894ad=x",
        "b,XRMINT=n1",
        "b,item_=x",
    ] {
        for header in [format!("a={value}"), format!("$Version=1; a={value}"), format!("$Version=1, {value}")]
        {
            let seen = visit(&policy, &[header.as_bytes()]);
            assert!(!seen.header().contains("evil") && !seen.header().contains("TS"), "{header:?}");
            assert_eq!(seen.refusals.len(), 1, "{header:?}");
            assert_eq!(seen.refusals[0].1, "alias", "{header:?}");
        }
    }
    for value in [
        "a,b",
        "cart,3",
        "x=cart",
        "cart",
        "b,carts=3",
        "b, x=cart",
        "cart b=3",
        "a b",
        "evil=cart,",
        "b,=cart",
    ] {
        let seen = visit(&policy, &[format!("a={value}")]);
        assert_eq!((seen.value("a").as_deref(), seen.refusals.len()), (Some(value), 0));
    }
    // Nor in what is let in though it does not verify.
    let report = guarded().action(Action::Report).build().unwrap();
    let jar = Jar::default().set(&report, &["cart=3"]);
    refused(&report, &jar.with("cart", "3,JSESSIONID=evil"), "cart", "alias");
    // And where the table says that the value is open.
    let open = guarded().with(CookieSpec::new("open", Basis::essential("a test"))).build().unwrap();
    let seen = visit(&open, &["open=a, cart=evil"]);
    assert_eq!((seen.value("open"), seen.reasons("open")), (None, vec!["alias"]));
}

/// T37: in several fields and in any order it is one list.
#[test]
fn fields_and_order_make_no_difference() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3", "basket=4"]).0;
    let pairs: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut orders = 0;
    permute(&mut pairs.clone(), 0, &mut |order| {
        for cut in 0..order.len() {
            let fields = [order[..cut].join("; "), order[cut..].join(";")];
            let seen = visit(&policy, &fields);
            assert_eq!((seen.refusals.len(), seen.pairs.len()), (0, 2), "{fields:?}");
        }
        let seen = visit(&policy, order);
        assert_eq!((seen.refusals.len(), seen.pairs.len()), (0, 2), "each in a field of its own");
        orders += 1;
    });
    assert_eq!(orders, 120);
}

fn permute(pairs: &mut [String], from: usize, each: &mut impl FnMut(&[String])) {
    if from == pairs.len() {
        return each(pairs);
    }
    for at in from..pairs.len() {
        pairs.swap(from, at);
        permute(pairs, from + 1, each);
        pairs.swap(from, at);
    }
}

/// T38: true and forged, in both orders, once and often, of the cookie, its companion and the main.
#[test]
fn a_forged_double_changes_nothing() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for (name, forged) in [
        ("cart", "4".to_owned()),
        (OF_CART, "x".to_owned()),
        (OF_CART, "A".repeat(35)),
        (MAIN, "x".to_owned()),
        (MAIN, "A".repeat(40)),
    ] {
        for (count, before) in [(1, true), (1, false), (5, true), (5, false)] {
            let forgeries = Jar(vec![(name.to_owned(), forged.clone()); count]);
            let seen = jar.beside(&forgeries, before).seen(&policy);
            assert_eq!(seen.header(), "cart=3", "{count} {name} before: {before}");
            let refused = if name == "cart" { count } else { 0 };
            assert_eq!(seen.refusals.len(), refused);
        }
    }
}

/// T38: two genuine values of one name are none, two equal ones are one.
#[test]
fn two_genuine_values_are_none() {
    let policy = guarded().build().unwrap();
    for pairs in [["cart=3", "cart=4"], ["cart=4", "cart=3"]] {
        let seen = visit(&policy, &[vouched(&pairs)]);
        assert_eq!((seen.value("cart"), seen.reasons("cart")), (None, vec!["duplicate"; 2]));
    }
    let seen = visit(&policy, &[vouched(&["cart=3", "cart=3"])]);
    assert_eq!((seen.header().as_str(), seen.refusals.len()), ("cart=3", 0));
}

/// T35: names are compared byte by byte.
#[test]
fn another_case_is_another_name() {
    let policy = guarded().build().unwrap();
    let jar = Jar::default().set(&policy, &["cart=3"]);
    for (from, to) in [(MAIN, "ts017a625a"), (MAIN, "TS017A625A")] {
        let header = jar.header().replace(from, to);
        assert_eq!(visit(&policy, &[header]).reasons("cart"), ["no_transaction"], "{to}");
    }
    for to in ["TSFE73894AD", "TSfe73894aD", "Tsfe73894ad"] {
        let header = jar.header().replace(OF_CART, to);
        assert_eq!(visit(&policy, &[header]).reasons("cart"), ["unsigned"], "{to}");
    }
    let seen = visit(&policy, &[jar.header().replace("cart=", "Cart=")]);
    assert_eq!((seen.value("cart"), seen.value("Cart").as_deref()), (None, Some("3")), "an undeclared one");
    assert_eq!(companion("cart"), OF_CART);
}
