//! Keys and tokens straight from the formulas of the wire format, by no code of the library's.
//!
//! - The benches know their policy's key, so that they can verify what it issued: that is what the floor does.
//! - The TS cookies of the documented table are made here too, so that what the policy verifies is not only what it issued.

use std::time::SystemTime;

use base64_simd::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The one key of the ring under which the documented table is measured.
pub(crate) const KEY: [u8; 32] = *b"known to all who read the bench.";
/// The version byte of every token.
pub(crate) const VERSION: u8 = 1;

const LABEL: &[u8] = b"tower-cookie-policy/v1/";

/// The key of one purpose under one policy.
pub(crate) fn subkey(purpose: &str, policy: &str) -> [u8; 32] {
    derived(&[LABEL, purpose.as_bytes(), &[0], policy.as_bytes()])
}

/// The HMAC of one purpose under one policy, with the key already taken in.
pub(crate) fn keyed(purpose: &str, policy: &str) -> Hmac<Sha256> {
    let Ok(keyed) = Hmac::new_from_slice(&subkey(purpose, policy)) else {
        unreachable!("HMAC takes keys of every length")
    };
    keyed
}

/// What names [`KEY`] in a token.
pub(crate) fn key_id() -> u8 {
    let [id] = derived(&[LABEL, b"kid"]);
    id
}

/// The name of a policy's TS main.
pub(crate) fn main_name(policy: &str) -> String {
    format!("TS01{}", hex(&digest(&[LABEL, b"ts", &[0], policy.as_bytes()])[..3]))
}

/// The name of the TS companion of a guarded cookie.
pub(crate) fn companion_name(policy: &str, guarded: &str) -> String {
    let hash = digest(&[LABEL, b"guard", &[0], policy.as_bytes(), &[0], guarded.as_bytes()]);
    format!("TS{}d", hex(&hash[..4]))
}

/// The label of a node: what its `bsloc` says.
pub(crate) fn node_label(policy: &str, node: &str) -> String {
    URL_SAFE_NO_PAD.encode_to_string(&tag(&keyed("node", policy), &[node.as_bytes()])[..8])
}

/// The TS main and then the companions of these guarded pairs, in one transaction that starts now.
pub(crate) fn transaction(policy: &str, guarded: &[(&str, &str)]) -> Vec<String> {
    let id = *b"transact";
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = u32::try_from(since.as_secs()).unwrap_or(u32::MAX).to_be_bytes();
    let token = |id: &[u8], tag: [u8; 16]| {
        URL_SAFE_NO_PAD.encode_to_string([&[VERSION, key_id()], id, &now, &tag].concat())
    };
    let main = token(&id, tag(&keyed("ts-main", policy), &[&id, &now]));
    let mut pairs = vec![format!("{}={main}", main_name(policy))];
    let guard = keyed("ts-guard", policy);
    for (name, value) in guarded {
        let length = [u8::try_from(name.len()).unwrap_or(u8::MAX)];
        let tag = tag(&guard, &[&length, name.as_bytes(), &id, &now, value.as_bytes()]);
        pairs.push(format!("{}={}", companion_name(policy, name), token(&id[..4], tag)));
    }
    pairs
}

fn tag(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 16] {
    let full: [u8; 32] = key.clone().chain_update(parts.concat()).finalize().into_bytes().into();
    std::array::from_fn(|at| full[at])
}

fn derived<const N: usize>(info: &[&[u8]]) -> [u8; N] {
    let mut bytes = [0; N];
    assert!(
        Hkdf::<Sha256>::new(None, &KEY).expand_multi_info(info, &mut bytes).is_ok(),
        "HKDF gives as much"
    );
    bytes
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
