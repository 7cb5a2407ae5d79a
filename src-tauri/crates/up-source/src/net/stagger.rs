//! Staggered attempts: several ways to one end, so that one that hangs does not cost the whole time
//! (as in RFC 8305).

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;

/// Starts one attempt after the other. The next starts when one has failed, or when none has ended
/// for `pause`; attempts that were started run on beside it. Returns the first success, or all
/// failures in the order in which they came.
pub(crate) async fn staggered<T, E, F>(
    attempts: impl ExactSizeIterator<Item = F>,
    pause: Duration,
) -> Result<T, Vec<E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut waiting = attempts;
    let mut racing = FuturesUnordered::new();
    let mut failures = Vec::new();
    loop {
        racing.extend(waiting.next());
        let ended = if waiting.len() == 0 {
            racing.next().await
        } else {
            match timeout(pause, racing.next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok(success)) => return Ok(success),
            Some(Err(failure)) => failures.push(failure),
            None => return Err(failures),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    /// `attempts` end after that many milliseconds, with success if true. The outcome must come
    /// after exactly `took` milliseconds.
    async fn check(attempts: &[(u64, bool)], expected: Result<usize, &[usize]>, took: u64) {
        let began = Instant::now();
        let attempts = attempts.iter().enumerate().map(async |(at, (ends, well))| {
            sleep(Duration::from_millis(*ends)).await;
            if *well { Ok(at) } else { Err(at) }
        });
        let found = staggered(attempts, Duration::from_millis(100)).await;
        assert_eq!(found, expected.map_err(<[usize]>::to_vec));
        assert_eq!(began.elapsed(), Duration::from_millis(took));
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_begins_when_one_fails_or_keeps_silent() {
        const NEVER: u64 = 10_000;
        check(&[(10, true), (0, true)], Ok(0), 10).await;
        check(&[(10, false), (0, true)], Ok(1), 10).await;
        check(&[(NEVER, true), (5, true)], Ok(1), 105).await;
        check(&[(150, true), (NEVER, true)], Ok(0), 150).await;
        check(&[(NEVER, true), (20, false), (5, true)], Ok(2), 125).await;
        check(&[(10, false), (20, false)], Err(&[0, 1]), 30).await;
        check(&[(NEVER, false), (20, false)], Err(&[1, 0]), NEVER).await;
        check(&[], Err(&[]), 0).await;
    }
}
