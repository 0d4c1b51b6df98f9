//! The published table of what browsers take and send back.

use serde_json::Value;

use super::{set, visitor};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test]
async fn the_browser_follows_the_published_table() {
    let path = format!("{}/tests/vectors/wpt_and_prefixes.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut checked = 0;
    for case in file["cases"].as_array().unwrap() {
        let id = &case["id"];
        let mut lines: Vec<Vec<u8>> = Vec::new();
        if let Some(name) = case["name_length"].as_u64() {
            let (name, value) = (usize::try_from(name).unwrap(), case["value_length"].as_u64().unwrap());
            lines
                .push(format!("{}={}", "n".repeat(name), "v".repeat(usize::try_from(value).unwrap())).into());
        } else if let Some(hex) = case["set_cookie_hex"].as_str() {
            lines.push(bytes(hex));
        } else {
            let listed = case["set_cookie"].as_array().into_iter().flatten();
            lines.extend(listed.map(|line| line.as_str().unwrap().as_bytes().to_vec()));
        }
        // The prefixes' cases are about these hosts; the machine's own would be trusted over plain HTTP.
        let scheme = case["request_scheme"].as_str().unwrap_or("https");
        let host = if id.as_str().unwrap().contains("6265bis") { "site.example" } else { "www.example.com" };
        let at = format!("{scheme}://{host}/");
        let (mut browser, _) = visitor();
        set(&mut browser, &at, &lines).await;
        let sent = browser.get(&at).await;
        if let Some(accepted) = case["accepted"].as_bool() {
            assert_eq!(!sent.bytes().is_empty(), accepted, "{id}");
        } else if let Some(hex) = case["cookie_header_hex"].as_str() {
            assert_eq!(sent.bytes(), &bytes(hex), "{id}");
        } else if let Some(header) = case["cookie_header"].as_str() {
            assert_eq!(sent.text(), header, "{id}");
        } else {
            assert_eq!(case["attribute_limit"], 1024, "{id}");
        }
        checked += 1;
    }
    assert_eq!(checked, 72);
}
