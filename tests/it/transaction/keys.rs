//! The wire formats to the byte, through the public door.

use super::jar::{Jar, MAIN, OF_CART, guarded, refused, verifies};
use crate::support::{NOW, visit};

/// Computed by another implementation of HMAC and HKDF (CPython's `hmac` and `hashlib`), for the transaction `a0 … a7` that
/// started at [`NOW`].
const KNOWN_MAIN: &str = "AfugoaKjpKWmp2sEezA3Jmy4nvecgeklKa2cNHKT";
const KNOWN_OF_CART: &str = "AfugoaKjawR7MCsZnUSRNSfRqBCWQt3R4nQ";
const KNOWN_OF_SESSION: &str = "AfugoaKjawR7MLwzIeVCAlIHvSW6ZrreF5k";

#[test]
fn known_answers_are_let_in() {
    assert_eq!(NOW, 1_795_455_792);
    let policy = guarded().build().unwrap();
    let header = format!(
        "cart=3; JSESSIONID=19AE8C76404ACD4FC66BBCE3F6FF0705; {MAIN}={KNOWN_MAIN}; {OF_CART}={KNOWN_OF_CART}; \
         TSde659670d={KNOWN_OF_SESSION}"
    );
    let seen = visit(&policy, &[header]);
    assert_eq!(seen.header(), "cart=3; JSESSIONID=19AE8C76404ACD4FC66BBCE3F6FF0705");
    assert_eq!(seen.refusals, []);
    let jar = Jar(vec![
        ("cart".into(), "3".into()),
        (MAIN.into(), KNOWN_MAIN.into()),
        (OF_CART.into(), KNOWN_OF_CART.into()),
    ]);
    verifies(&policy, &jar);
    refused(&policy, &jar.with("cart", "4"), "cart", "modified");
    // What is set goes on in the known transaction.
    let answer = jar.answer(&policy, &["cart=4"]);
    let mut after = jar.clone();
    after.keep(&answer);
    assert_eq!(after.value(MAIN), KNOWN_MAIN);
    assert!(after.value(OF_CART).starts_with("AfugoaKjawR7M"), "kid, short id and time");
    verifies(&policy, &after);
}
