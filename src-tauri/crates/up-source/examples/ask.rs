//! Asks the URLs given.
use up_source::{*, http::*};
fn main() {
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async {
        let shared = Shared { secrets: &up_source::secret::PlainSecrets, http: Clients::default() };
        for url in std::env::args().skip(1) {
            let config = HttpConfig::new(&url);
            match config.build(&shared) {
                Ok(b) => { let a = b.source.check(&Probe::starting_now(std::time::Duration::from_secs(3))).await; println!("{url} {:?} {:?}\n   {}", a.status, a.cause, serde_json::to_string(&a.detail).unwrap()); }
                Err(p) => println!("{url} problem {p:?}"),
            }
        }
    });
}
