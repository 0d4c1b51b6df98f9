//! The floor: what cannot be left out if ten documented cookies and their TS cookies are to be verified or opened.
//!
//! - One scan of the header's bytes, which splits it at `;` and `=`.
//! - base64url of the six tokens and of the sealed value, onto the stack.
//! - Six HMACs from kept keyed states: two Signed values, the TS main, three TS companions.
//! - One opening with AES-256-GCM-SIV.
//! - And nothing else: no name is looked up, since the cookies' places are known beforehand; no time, shape or second
//!   cookie of a name is asked about; nothing is written for the handler. It does not allocate.
//!
//! It takes its keys from the wire format's formulas and checks what the policy issued, so neither can cheat.

#![allow(dead_code, reason = "each bench uses its part")]

use std::convert::Infallible;
use std::hint::black_box;

use aes_gcm_siv::aead::inout::InOutBuf;
use aes_gcm_siv::{AeadInOut, Aes256GcmSiv, KeyInit, Nonce, Tag};
use base64_simd::{Out, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use http::Request;
use http::header::COOKIE;
use memchr::memchr;
use sha2::Sha256;
use tower::{Service, service_fn};

use crate::traffic::genuine::{VERSION, companion_name, key_id, keyed, main_name, subkey};
use crate::traffic::{Answer, GUARDED, SEALED, SIGNED, untouched};

/// The keys, ready to be used, and the places of the cookies in the one header that is sent.
pub(crate) struct Floor {
    id: u8,
    signed: Hmac<Sha256>,
    main: Hmac<Sha256>,
    guard: Hmac<Sha256>,
    sealed: Aes256GcmSiv,
    at: Places,
}

struct Places {
    signed: [usize; 2],
    sealed: usize,
    main: usize,
    /// Of the guarded cookies and of their companions.
    guarded: [(usize, usize); 3],
}

/// A part of the floor. Each one but the scan builds upon those before it, the MACs and the opening upon the decoding.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Scan,
    Decoding,
    Signed(usize),
    Main,
    Companion(usize),
    Opening,
}

type Pairs<'h> = [(&'h [u8], &'h [u8]); MOST];

/// What the tokens say, decoded.
struct Tokens {
    signed: [[u8; 26]; 2],
    main: [u8; 30],
    companions: [[u8; 26]; 3],
    sealed: [u8; SEALED_BYTES],
}

impl Floor {
    /// The floor of the policy with this id under this header.
    pub(crate) fn new(policy: &str, header: &[u8]) -> Self {
        let pairs = split(header);
        let place = |name: &str| {
            let place = pairs.iter().position(|(known, _)| *known == name.as_bytes());
            place.unwrap_or_else(|| unreachable!("{name} is sent"))
        };
        Self {
            id: key_id(),
            signed: keyed("signed", policy),
            main: keyed("ts-main", policy),
            guard: keyed("ts-guard", policy),
            sealed: Aes256GcmSiv::new(&subkey("sealed", policy).into()),
            at: Places {
                signed: SIGNED.map(place),
                sealed: place(SEALED),
                main: place(&main_name(policy)),
                guarded: GUARDED.map(|name| (place(name), place(&companion_name(policy, name)))),
            },
        }
    }

    /// Whether every cookie is genuine: all of the floor.
    pub(crate) fn holds(&self, header: &[u8]) -> bool {
        let pairs = split(header);
        let Some(mut tokens) = self.decode(&pairs) else { return false };
        self.main(&tokens)
            && (0..GUARDED.len()).all(|nth| self.companion(&pairs, &tokens, nth))
            && (0..SIGNED.len()).all(|nth| self.signed(&pairs, &tokens, nth))
            && self.opens(&mut tokens)
    }

    /// The bare service behind the floor.
    pub(crate) fn service(&self) -> impl Service<Request<()>, Response = Answer, Error = Infallible> {
        behind(|cookies| self.holds(cookies))
    }

    /// The bare service behind a part of the floor.
    pub(crate) fn service_of(
        &self,
        part: Part,
    ) -> impl Service<Request<()>, Response = Answer, Error = Infallible> {
        behind(move |cookies| self.does(part, cookies))
    }

    /// The scan, and the decoding unless only that is asked for, and this part of the rest.
    fn does(&self, part: Part, header: &[u8]) -> bool {
        let pairs = split(header);
        if matches!(part, Part::Scan) {
            return !black_box(&pairs)[0].0.is_empty();
        }
        let Some(mut tokens) = self.decode(&pairs) else { return false };
        match part {
            Part::Scan => true,
            Part::Decoding => black_box(&tokens).main[0] == VERSION,
            Part::Signed(nth) => self.signed(&pairs, &tokens, nth),
            Part::Main => self.main(&tokens),
            Part::Companion(nth) => self.companion(&pairs, &tokens, nth),
            Part::Opening => self.opens(&mut tokens),
        }
    }

    #[inline]
    fn decode(&self, pairs: &Pairs<'_>) -> Option<Tokens> {
        let mut tokens = Tokens {
            signed: [[0; 26]; 2],
            main: [0; 30],
            companions: [[0; 26]; 3],
            sealed: [0; SEALED_BYTES],
        };
        for (token, at) in tokens.signed.iter_mut().zip(self.at.signed) {
            let (_, value) = pairs[at];
            decode(&value[value.len() - SIGNATURE..], token)?;
        }
        for (token, (_, at)) in tokens.companions.iter_mut().zip(self.at.guarded) {
            decode(pairs[at].1, token)?;
        }
        decode(pairs[self.at.main].1, &mut tokens.main)?;
        decode(pairs[self.at.sealed].1, &mut tokens.sealed)?;
        Some(tokens)
    }

    #[inline]
    fn signed(&self, pairs: &Pairs<'_>, tokens: &Tokens, nth: usize) -> bool {
        let (name, value) = pairs[self.at.signed[nth]];
        let (head, tag) = tokens.signed[nth].split_at(10);
        let value = &value[..value.len() - SIGNATURE - 1];
        self.is_current(head) && verifies(&self.signed, &[&[length(name)], name, &head[2..], value], tag)
    }

    #[inline]
    fn main(&self, tokens: &Tokens) -> bool {
        let (head, tag) = tokens.main.split_at(14);
        self.is_current(head) && verifies(&self.main, &[&head[2..]], tag)
    }

    #[inline]
    fn companion(&self, pairs: &Pairs<'_>, tokens: &Tokens, nth: usize) -> bool {
        let (name, value) = pairs[self.at.guarded[nth].0];
        let (head, tag) = tokens.companions[nth].split_at(10);
        let transaction = &tokens.main[2..10];
        let parts: [&[u8]; 5] = [&[length(name)], name, transaction, &head[6..], value];
        self.is_current(head) && head[2..6] == transaction[..4] && verifies(&self.guard, &parts, tag)
    }

    #[inline]
    fn opens(&self, tokens: &mut Tokens) -> bool {
        let (head, body) = tokens.sealed.split_at_mut(14);
        let (Ok(nonce), Some((text, tag))) =
            (<[u8; 12]>::try_from(&head[2..]), body.split_last_chunk_mut::<16>())
        else {
            return false;
        };
        let (nonce, tag) = (Nonce::from(nonce), Tag::from(*tag));
        self.is_current(head)
            && self
                .sealed
                .decrypt_inout_detached(&nonce, SEALED.as_bytes(), InOutBuf::from(&mut *text), &tag)
                .is_ok()
            && !black_box(text).is_empty()
    }

    #[inline]
    fn is_current(&self, head: &[u8]) -> bool {
        head[..2] == [VERSION, self.id]
    }
}

fn behind(check: impl Fn(&[u8]) -> bool) -> impl Service<Request<()>, Response = Answer, Error = Infallible> {
    service_fn(move |request: Request<()>| {
        assert!(request.headers().get(COOKIE).is_some_and(|cookies| check(cookies.as_bytes())));
        untouched(request)
    })
}

/// Name and value of each pair. What is sent is known to be well-formed, with one space after each `;`.
#[inline]
fn split(header: &[u8]) -> Pairs<'_> {
    let mut pairs: Pairs<'_> = [(&[], &[]); MOST];
    let mut rest = header;
    for pair in &mut pairs {
        let end = memchr(b';', rest).unwrap_or(rest.len());
        let equals = memchr(b'=', &rest[..end]).unwrap_or(end);
        *pair = (&rest[..equals], &rest[(equals + 1).min(end)..end]);
        match rest.get(end + 2..) {
            Some(more) => rest = more,
            None => break,
        }
    }
    pairs
}

#[inline]
fn decode(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    let length = bytes.len();
    let decoded = URL_SAFE_NO_PAD.decode(text, Out::from_slice(bytes)).ok()?;
    (decoded.len() == length).then_some(())
}

#[inline]
fn verifies(key: &Hmac<Sha256>, parts: &[&[u8]], tag: &[u8]) -> bool {
    let mut mac = key.clone();
    for part in parts {
        mac.update(part);
    }
    mac.verify_truncated_left(tag).is_ok()
}

#[inline]
fn length(name: &[u8]) -> u8 {
    u8::try_from(name.len()).unwrap_or(u8::MAX)
}

/// More pairs than any header here has.
const MOST: usize = 16;
/// Characters at the end of a Signed value.
const SIGNATURE: usize = 35;
/// Version, key id and nonce; issue and expiry time; the user id; the tag.
const SEALED_BYTES: usize = 14 + 8 + "alice%40example.com".len() + 16;
