//! cargo run --example inspect -- [--policy FILE.toml] [--at SECONDS] ['Cookie: …']
//!
//! Why was this cookie refused? What a policy makes of a request's `Cookie` header: a line for each cookie, never a value.
//!
//! - Without an argument the header is read from standard input, one field a line, with or without `Cookie:` before it.
//! - The policy is the preset `broadcloud`, or that of a file.
//! - The keys are those of `COOKIE_KEYS`, which have to be the server's.
//! - `--at` is the moment at which the request came, in Unix seconds; without it, now.
//!
//! With the worked example of the guide on transactions, the cart changed, and a file that says
//!
//! ```toml
//! [[cookie]]
//! name = "cart"
//! basis.essential.justification = "Without it nothing could be ordered."
//! integrity = "guarded"
//!
//! [[cookie]]
//! name = "theme"
//! basis = "requested"
//! lifetime = "365 days"
//! integrity = "signed"
//! ```
//!
//! it prints
//!
//! ```text
//! $ export COOKIE_KEYS=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
//! $ cargo run -q --example inspect -- --policy shop.toml --at 1795455800 'Cookie: cart=4; TS017a625a=AfugoaKjpKWmp2sEezA3Jmy4nvecgeklKa2cNHKT; TSfe73894ad=AfugoaKjawR7MCsZnUSRNSfRqBCWQt3R4nQ; theme=dark.AftrBHswbOWusK6DBEV27kRhYU9MeNA1DlM; promo=1'
//! cart: refused as modified: its MAC does not hold: the value or the name is another than was set
//! TS017a625a: TS main, of this request's transaction
//! TSfe73894ad: TS companion of cart, of this request's transaction
//! theme: admitted
//! promo: admitted, though it is not in the table
//! ```
//!
//! It exits 2, with a sentence, where it was asked for what there is not.

use std::error::Error;
use std::ffi::OsString;
use std::io::Read;
use std::process::ExitCode;

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use tower_cookie_policy::{Clock, CookiePolicy, KeyRing, inspect};

fn main() -> ExitCode {
    match look(std::env::args_os().skip(1)) {
        Ok(found) => {
            print!("{found}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("inspect: {error}");
            ExitCode::from(2)
        }
    }
}

fn look(arguments: impl Iterator<Item = OsString>) -> Result<String, Box<dyn Error>> {
    let Options { policy, at, cookies } = Options::parse(arguments)?;
    let cookies = match cookies {
        Some(cookies) => cookies,
        None => read()?,
    };
    let keys = KeyRing::from_env("COOKIE_KEYS")?;
    let mut builder = match policy {
        Some(file) => {
            let explain = |error: &dyn Error| format!("{file}: {error}");
            let document = std::fs::read_to_string(&file).map_err(|error| explain(&error))?;
            CookiePolicy::from_toml(&document, keys).map_err(|error| explain(&error))?
        }
        None => CookiePolicy::broadcloud(keys).node("web-1"),
    };
    if let Some(at) = at {
        builder = builder.clock(Clock::from_fn(move || at));
    }
    let mut headers = HeaderMap::new();
    for field in fields(&cookies) {
        let field = HeaderValue::try_from(field).map_err(|_| "a control character is in the header")?;
        headers.append(COOKIE, field);
    }
    if headers.is_empty() {
        return Err("there is no cookie in it".into());
    }
    Ok(inspect(&builder.build()?, &headers).to_string())
}

/// What the command line asks for.
#[derive(Default)]
struct Options {
    policy: Option<String>,
    at: Option<u64>,
    cookies: Option<Vec<u8>>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            let mut value = |of: &str| {
                let value = arguments.next().ok_or_else(|| format!("{of} needs a value ({USAGE})"))?;
                value.into_string().map_err(|_| format!("the value of {of} is not Unicode text"))
            };
            match argument.as_encoded_bytes() {
                b"--policy" => options.policy = Some(value("--policy")?),
                b"--at" => {
                    let at = value("--at")?;
                    let illegal = |_| format!("{at:?} is no whole number of seconds since 1970");
                    options.at = Some(at.parse().map_err(illegal)?);
                }
                option if option.starts_with(b"-") => {
                    return Err(format!("there is no option {:?} ({USAGE})", argument.to_string_lossy()));
                }
                _ if options.cookies.is_some() => {
                    return Err(format!("one header at a time, in quotation marks ({USAGE})"));
                }
                cookies => options.cookies = Some(cookies.to_vec()),
            }
        }
        Ok(options)
    }
}

fn read() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    Ok(text)
}

/// The header's fields, one a line, without the header's name.
fn fields(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty()).map(|line| match line.split_at_checked(NAME.len()) {
        Some((name, value)) if name.eq_ignore_ascii_case(NAME) => value.trim_ascii_start(),
        _ => line,
    })
}

const NAME: &[u8] = b"cookie:";
const USAGE: &str = "inspect [--policy FILE.toml] [--at SECONDS] ['Cookie: …']";
