//! A notification service that shows nothing and remembers everything. It follows the Desktop
//! Notifications Specification, and can be told to hang, or to go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;
use zbus::names::BusName;
use zbus::zvariant::{DynamicType, OwnedValue};
use zbus::{Connection, interface};

use crate::desktop::{Desktop, eventually, join};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// What it says that it can do, unless told otherwise.
pub const ABLE: [&str; 3] = ["actions", "body", "body-markup"];

/// One notification, as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessedNotification {
    /// The id it was given.
    pub id: u32,
    /// Who asked.
    pub app: String,
    /// The id of the one it takes the place of; 0 for none.
    pub replaces: u32,
    /// Its title.
    pub summary: String,
    /// What stands below.
    pub body: String,
    /// What can be chosen: keys and labels in turn.
    pub actions: Vec<String>,
    /// 0 low, 1 normal, 2 critical; normal when nothing is said.
    pub urgency: u8,
    /// The name of its icon.
    pub icon: String,
    /// Milliseconds until it goes; 0 for never, -1 as the service likes.
    pub timeout: i32,
}

/// The service. Dropped, it is gone from the bus.
#[derive(Debug)]
pub struct Witness {
    connection: Connection,
    seen: Arc<WitnessState>,
}

#[derive(Debug)]
struct WitnessState {
    bubbles: Mutex<Vec<WitnessedNotification>>,
    closed: Mutex<Vec<u32>>,
    /// What it says that it can do.
    able: Mutex<Vec<String>>,
    /// While true, no question is answered.
    hangs: watch::Sender<bool>,
}

struct Service(Arc<WitnessState>);

impl Witness {
    /// Appears on that desktop.
    pub async fn appear(desktop: &Desktop) -> Self {
        let seen = Arc::new(WitnessState {
            bubbles: Mutex::default(),
            closed: Mutex::default(),
            able: Mutex::new(ABLE.map(str::to_owned).into()),
            hangs: watch::Sender::new(false),
        });
        let connection = join(desktop.bus_address()).await;
        let service = Service(Arc::clone(&seen));
        connection
            .object_server()
            .at(PATH, service)
            .await
            .expect("a path for the service");
        connection
            .request_name(NAME)
            .await
            .expect("no other notification service is there");
        Self { connection, seen }
    }

    /// All notifications so far, oldest first.
    pub fn bubbles(&self) -> Vec<WitnessedNotification> {
        locked(&self.seen.bubbles).clone()
    }

    /// Waits until there have been so many; the latest.
    pub async fn bubble(&self, number: usize) -> WitnessedNotification {
        eventually(format_args!("notification {number}"), async || {
            self.bubbles().get(number - 1).cloned()
        })
        .await
    }

    /// The ids of those that were taken back.
    pub fn closed(&self) -> Vec<u32> {
        locked(&self.seen.closed).clone()
    }

    /// Does as a person who chooses something on a bubble; `default` is a click on it.
    pub async fn choose(&self, id: u32, action: &str) {
        emit(&self.connection, "ActionInvoked", &(id, action)).await;
        // The specification's reason 2: dismissed by the person.
        emit(&self.connection, "NotificationClosed", &(id, 2_u32)).await;
    }

    /// From now on says that it can do this and no more.
    pub fn can(&self, able: &[&str]) {
        *locked(&self.seen.able) = able.iter().copied().map(str::to_owned).collect();
    }

    /// From now on takes every question and answers none, or goes on where it had stopped.
    pub fn hang(&self, hangs: bool) {
        self.seen.hangs.send_replace(hangs);
    }

    /// Goes.
    pub async fn vanish(self) {
        self.connection
            .close()
            .await
            .expect("a connection can be closed");
    }
}

impl WitnessState {
    async fn answers(&self) {
        // An error would mean that the witness is gone, and its service with it.
        let _ = self.hangs.subscribe().wait_for(|hangs| !hangs).await;
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    async fn notify(
        &self,
        app_name: String,
        replaces_id: u32,
        app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire_timeout: i32,
    ) -> u32 {
        self.0.answers().await;
        let mut bubbles = locked(&self.0.bubbles);
        let urgency = hints
            .get("urgency")
            .and_then(|value| value.downcast_ref::<u8>().ok());
        let fresh = bubbles
            .iter()
            .map(|bubble| bubble.id)
            .max()
            .unwrap_or_default()
            + 1;
        let id = if replaces_id == 0 { fresh } else { replaces_id };
        bubbles.push(WitnessedNotification {
            id,
            app: app_name,
            replaces: replaces_id,
            summary,
            body,
            actions,
            urgency: urgency.unwrap_or(1),
            icon: app_icon,
            timeout: expire_timeout,
        });
        id
    }

    async fn close_notification(&self, #[zbus(connection)] connection: &Connection, id: u32) {
        self.0.answers().await;
        locked(&self.0.closed).push(id);
        // Reason 3: taken back by who asked for it.
        emit(connection, "NotificationClosed", &(id, 3_u32)).await;
    }

    async fn get_capabilities(&self) -> Vec<String> {
        self.0.answers().await;
        locked(&self.0.able).clone()
    }

    async fn get_server_information(&self) -> (String, String, String, String) {
        self.0.answers().await;
        let told = ["witness", "up-tests", env!("CARGO_PKG_VERSION"), "1.2"];
        told.map(str::to_owned).into()
    }
}

async fn emit(connection: &Connection, signal: &str, body: &(impl Serialize + DynamicType + Sync)) {
    let emitted = connection
        .emit_signal(None::<BusName<'_>>, PATH, NAME, signal, body)
        .await;
    emitted.expect("a signal can be sent");
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
