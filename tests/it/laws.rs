//! The laws of the source tree, held by reading it.

use std::fs;
use std::path::{Path, PathBuf};

/// The code of each file under `src`, without its comments and its tests.
fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { collect(&path, files) } else { files.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let rust = files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let sources: Vec<_> = rust
        .filter(|file| file.file_name().is_none_or(|name| name != "tests.rs"))
        .map(|file| {
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            let text = fs::read_to_string(&file).unwrap();
            let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
            let code =
                code.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            (name, code)
        })
        .collect();
    assert!(sources.len() > 40, "the sources were not found");
    sources
}

fn files_that_name(word: &str) -> Vec<String> {
    sources().into_iter().filter(|(_, code)| code.contains(word)).map(|(name, _)| name).collect()
}

#[test]
fn the_two_halves_do_not_know_each_other() {
    for (name, code) in sources() {
        let forbidden = match name.as_str() {
            _ if name.starts_with("inbound") => "outbound",
            _ if name.starts_with("outbound") => "inbound",
            _ => continue,
        };
        assert!(!code.contains(forbidden), "{name} names {forbidden}");
    }
}

#[test]
fn the_table_knows_neither_half_and_the_halves_not_the_service() {
    for (name, code) in sources() {
        let below = ["policy", "value", "wire", "report", "key", "mac", "clock"];
        if below.iter().any(|module| name.starts_with(module)) {
            for above in
                ["crate::inbound", "crate::outbound", "crate::cookies", "crate::service", "crate::layer"]
            {
                assert!(!code.contains(above), "{name} names {above}");
            }
        }
        if name.starts_with("session") {
            for other in
                ["crate::inbound", "crate::outbound", "crate::cookies", "crate::service", "crate::future"]
            {
                assert!(!code.contains(other), "{name} names {other}");
            }
        }
        if name.starts_with("inbound") || name.starts_with("outbound") {
            for above in ["crate::cookies", "crate::service", "crate::layer", "crate::future", "crate::axum"]
            {
                assert!(!code.contains(above), "{name} names {above}");
            }
        }
    }
}

#[test]
fn a_balancer_stands_outside() {
    for (name, code) in sources() {
        if name.starts_with("sticky") {
            for inside in ["inbound", "cookies", "session", "service", "layer", "future", "axum"] {
                assert!(!code.contains(&format!("crate::{inside}")), "{name} names {inside}");
            }
        } else {
            assert!(!code.contains("crate::sticky"), "{name} names sticky");
        }
    }
    assert_eq!(files_that_name("s-maxage"), ["outbound/cache.rs"], "what caches may do is said once");
}

#[test]
fn the_endpoint_does_not_know_the_framework() {
    for (name, code) in sources() {
        if name.starts_with("dwr") {
            assert!(!code.contains("crate::axum"), "{name} names the framework");
        }
    }
}

#[test]
fn the_request_half_knows_of_consent_what_a_decision_says() {
    for (name, code) in sources() {
        if name.starts_with("inbound") {
            for more in ["Consent,", "Receipt", "Submitted", "View"] {
                assert!(!code.contains(&format!("consent::{{{more}")), "{name} names {more}");
            }
        }
        if name.starts_with("consent/receipt") || name == "consent/choice.rs" || name == "consent/decision.rs"
        {
            for above in
                ["crate::cookies", "crate::inbound", "crate::outbound", "crate::service", "crate::axum"]
            {
                assert!(!code.contains(above), "{name} names {above}");
            }
        }
    }
}

#[test]
fn crypto_crates_are_named_in_one_file() {
    for word in ["hmac::", "hkdf::", "sha2::", "subtle::"] {
        assert_eq!(files_that_name(&format!("use {word}")), ["mac.rs"], "{word}");
    }
    for word in ["hmac", "hkdf", "sha2", "subtle"] {
        for before in [" ", "("] {
            let word = format!("{before}{word}::");
            assert!(files_that_name(&word).iter().all(|file| file == "mac.rs"), "{word}");
        }
    }
    assert_eq!(files_that_name("aes_gcm_siv"), ["seal.rs"]);
    assert_eq!(files_that_name("getrandom::"), ["key.rs"]);
}

#[test]
fn one_store_knows_redis() {
    for (name, code) in sources() {
        if name != "session/redis.rs" && !name.starts_with("session/redis/") {
            let others = code.replace("self::redis::", "");
            assert!(!others.contains("redis::"), "{name} names the crate redis");
        }
    }
}

#[test]
fn time_is_asked_for_in_one_file() {
    assert_eq!(files_that_name("SystemTime::now"), ["clock.rs"]);
    assert_eq!(files_that_name("tokio::time"), ["clock.rs"]);
    assert_eq!(files_that_name("Instant::now"), ["clock.rs"]);
    for word in ["OffsetDateTime::now", "now_utc"] {
        assert_eq!(files_that_name(word), [""; 0], "{word}");
    }
}

#[test]
fn databases_are_named_where_the_store_on_them_is() {
    let files = files_that_name("sqlx::");
    assert!(files.iter().all(|file| file.starts_with("session/sql")), "{files:?}");
    assert!(files.len() > 4, "{files:?}");
    for (backend, other) in [("sqlite", "postgres"), ("postgres", "sqlite")] {
        for file in files_that_name(&format!("sqlx::{backend}")) {
            assert!(!file.starts_with(&format!("session/sql/{other}")), "{file} names {backend}");
        }
    }
}

#[test]
fn a_file_holds_one_thought() {
    for (name, code) in sources() {
        let lines = code.lines().count();
        assert!(lines <= 260, "{name} has {lines} lines of code: find the seam");
    }
}

#[test]
fn modules_stand_beside_their_folder() {
    assert!(sources().iter().all(|(name, _)| !name.ends_with("mod.rs")));
}

#[test]
fn nothing_is_left_open() {
    for word in ["todo!", "unimplemented!", "dbg!(", "unsafe "] {
        assert_eq!(files_that_name(word), [""; 0], "{word}");
    }
}
