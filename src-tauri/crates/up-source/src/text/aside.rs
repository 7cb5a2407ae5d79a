//! Long computations off the event loop: one thread in all takes turns with them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinSet;
use up_core::CauseCode;

use crate::net::fault::Fault;

/// The runtime of the one thread, once it was needed. The bound is one thread a process, so it
/// belongs to the process.
static THREAD: Mutex<Option<Handle>> = Mutex::new(None);

/// Runs `job`: its first slice here, which is all of a short one, and what is left in the one
/// thread for long computations. Dropped, it ends the job where that yields next.
///
/// `job` waits for nothing but its `Pace`: the other thread has neither timers nor sockets.
pub(crate) async fn aside<T: Send + 'static>(
    job: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fault> {
    let mut job: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(job);
    // Nobody is woken: what is not ready is polled by the other thread.
    if let Poll::Ready(done) = job.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return Ok(done);
    }
    // A set, because that ends what it holds when it is dropped.
    let mut running = JoinSet::new();
    running.spawn_on(job, &thread()?);
    match running.join_next().await {
        Some(Ok(done)) => Ok(done),
        _ => Err(Fault::new(
            CauseCode::Internal,
            "the answer could not be judged",
        )),
    }
}

/// The one thread.
fn thread() -> Result<Handle, Fault> {
    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*thread {
        return Ok(handle.clone());
    }
    let none = |_| {
        let text = "this machine has no thread left to look at an answer with";
        Fault::new(CauseCode::Resource, text)
    };
    let runtime = Builder::new_current_thread().build().map_err(none)?;
    let handle = runtime.handle().clone();
    // It lives as long as the process, which does not wait for it.
    let forever = move || runtime.block_on(std::future::pending::<()>());
    let builder = std::thread::Builder::new().name("up-text".into());
    builder.spawn(forever).map_err(none)?;
    *thread = Some(handle.clone());
    Ok(handle)
}
