//! Runs long computations on a separate thread, which all checks of the process share.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinSet;
use up_core::CauseCode;

use crate::net::fault::Fault;

/// The runtime of the thread, once one was needed. It is static because there is one such thread
/// for the whole process.
static THREAD: Mutex<Option<Handle>> = Mutex::new(None);

/// Runs `job`: its first slice on the caller's thread, which completes a short job, and the rest on
/// the shared thread. Dropping the returned future ends the job at its next yield.
///
/// `job` must await nothing but its [`super::Pace`], because the shared thread has neither timers
/// nor sockets.
pub(crate) async fn aside<T: Send + 'static>(
    job: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fault> {
    let mut job: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(job);
    // No waker is needed: a job that is not ready is polled by the shared thread.
    if let Poll::Ready(done) = job.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return Ok(done);
    }
    // A `JoinSet`, because it aborts its tasks when it is dropped.
    let mut running = JoinSet::new();
    running.spawn_on(job, &thread()?);
    match running.join_next().await {
        Some(Ok(done)) => Ok(done),
        _ => Err(Fault::new(
            CauseCode::Internal,
            "the thread that judges answers failed",
        )),
    }
}

/// The shared thread, which is started at first use.
fn thread() -> Result<Handle, Fault> {
    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*thread {
        return Ok(handle.clone());
    }
    let none = |_| {
        let text = "this machine has no thread left to judge an answer";
        Fault::new(CauseCode::Resource, text)
    };
    let runtime = Builder::new_current_thread().build().map_err(none)?;
    let handle = runtime.handle().clone();
    // The thread lives as long as the process, which does not wait for it at its end.
    let forever = move || runtime.block_on(std::future::pending::<()>());
    let builder = std::thread::Builder::new().name("up-text".into());
    builder.spawn(forever).map_err(none)?;
    *thread = Some(handle.clone());
    Ok(handle)
}
