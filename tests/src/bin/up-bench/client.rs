//! The bare client that Up is compared with: reqwest in a process of its own, with a new connection
//! for each request.

use std::process::ExitCode;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;

/// Runs `client URL COUNT AT_ONCE`.
pub(crate) fn child(args: &[String]) -> ExitCode {
    let [url, count, at_once] = args else {
        return ExitCode::from(2);
    };
    let number = |text: &String| text.parse::<usize>().expect("a number");
    let (count, at_once) = (number(count), number(at_once));
    // The crypto provider that Up uses. Plain HTTP never calls it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let good = runtime.expect("a runtime").block_on(async {
        let client = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .expect("a client");
        let slots = Arc::new(Semaphore::new(at_once));
        let requests: FuturesUnordered<_> = (0..count)
            .map(|i| {
                let (client, slots) = (client.clone(), Arc::clone(&slots));
                let url = format!("{url}?{i}");
                async move {
                    let _slot = slots.acquire().await.expect("it is never closed");
                    let response = client.get(url).send().await.ok()?;
                    let good = response.status().is_success();
                    response.bytes().await.ok()?;
                    Some(good)
                }
            })
            .collect();
        requests
            .filter(|answer| std::future::ready(*answer == Some(true)))
            .count()
            .await
    });
    if good == count {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}
