//! A notification service that shows nothing and records everything. It follows the Desktop
//! Notifications Specification, and can be made to hang or to disappear.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;
use zbus::names::BusName;
use zbus::zvariant::{DynamicType, OwnedValue};
use zbus::{Connection, interface};

use crate::desktop::{DesktopSession, eventually, join};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// The default capabilities of the service.
pub const ABLE: [&str; 3] = ["actions", "body", "body-markup"];

/// A notification as it was requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessedNotification {
    /// The id that the service gave it.
    pub id: u32,
    /// The name of the application.
    pub app: String,
    /// The id of the notification that it replaces. 0 if it is new.
    pub replaces: u32,
    /// The title.
    pub summary: String,
    /// The text below the title.
    pub body: String,
    /// The actions: keys and labels in turn.
    pub actions: Vec<String>,
    /// The urgency: 0 low, 1 normal (the default), 2 critical.
    pub urgency: u8,
    /// The name of the icon.
    pub icon: String,
    /// The milliseconds until it disappears. 0 for never, -1 for the default of the service.
    pub timeout: i32,
}

/// The service. When it is dropped, it disappears from the bus.
#[derive(Debug)]
pub struct Witness {
    connection: Connection,
    seen: Arc<WitnessState>,
}

#[derive(Debug)]
struct WitnessState {
    bubbles: Mutex<Vec<WitnessedNotification>>,
    closed: Mutex<Vec<u32>>,
    /// Its capabilities.
    able: Mutex<Vec<String>>,
    /// While true, no request is answered.
    hangs: watch::Sender<bool>,
}

struct Service(Arc<WitnessState>);

impl Witness {
    /// Starts the service on that desktop.
    pub async fn appear(desktop: &impl DesktopSession) -> Self {
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

    /// Waits until there have been that many, and returns the last.
    pub async fn bubble(&self, number: usize) -> WitnessedNotification {
        eventually(format_args!("notification {number}"), async || {
            self.bubbles().get(number - 1).cloned()
        })
        .await
    }

    /// The ids of the notifications that were closed by the application.
    pub fn closed(&self) -> Vec<u32> {
        locked(&self.seen.closed).clone()
    }

    /// Acts as a person who chooses an action of a notification, on a desktop that leaves the bubble
    /// where it is.
    pub async fn press(&self, id: u32, action: &str) {
        emit(&self.connection, "ActionInvoked", &(id, action)).await;
    }

    /// Acts as a person who chooses an action of a notification. `default` is a click on it.
    pub async fn choose(&self, id: u32, action: &str) {
        self.press(id, action).await;
        // Reason 2 of the specification: dismissed by the person.
        emit(&self.connection, "NotificationClosed", &(id, 2_u32)).await;
    }

    /// Sets the capabilities.
    pub fn can(&self, able: &[&str]) {
        *locked(&self.seen.able) = able.iter().copied().map(str::to_owned).collect();
    }

    /// While `hangs` is true, requests are taken and not answered. Afterwards they are answered.
    pub fn hang(&self, hangs: bool) {
        self.seen.hangs.send_replace(hangs);
    }

    /// Makes the service disappear from the bus.
    pub async fn vanish(self) {
        self.connection
            .close()
            .await
            .expect("a connection can be closed");
    }
}

impl WitnessState {
    async fn answers(&self) {
        // An error means that the service has ended.
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
        // Reason 3 of the specification: closed by the application.
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
