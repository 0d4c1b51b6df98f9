#[path = "../benches/measure/mod.rs"]
mod measure;
#[path = "../benches/traffic/mod.rs"]
mod traffic;
use tower::{Layer, Service, service_fn};
fn main() {
    let policy = traffic::documented().unwrap();
    let cookies = traffic::header(&traffic::documented_pairs(&policy)).unwrap();
    let mut service = policy.layer().layer(service_fn(traffic::untouched));
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let start = std::time::Instant::now();
    for _ in 0..n {
        drop(std::hint::black_box(measure::once(service.call(traffic::request(Some(&cookies))))));
    }
    eprintln!("{} ns", start.elapsed().as_nanos() / n as u128);
}
