//! A settings portal (`org.freedesktop.portal.Settings`), which says what a desktop prefers of
//! windows: GNOME and KDE have one, a bare window manager has none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, fdo, interface};

use crate::desktop::{DesktopSession, join};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";

/// The portal. When it is dropped, it disappears from the bus.
#[derive(Debug)]
pub struct SettingsPortal {
    contrast: Arc<AtomicU32>,
    _connection: Connection,
}

struct Settings(Arc<AtomicU32>);

impl SettingsPortal {
    /// Starts a portal on that desktop whose setting `contrast` is 0: no preference.
    pub async fn appear(desktop: &impl DesktopSession) -> Self {
        let contrast = Arc::<AtomicU32>::default();
        let connection = join(desktop.bus_address()).await;
        connection
            .object_server()
            .at(PATH, Settings(Arc::clone(&contrast)))
            .await
            .expect("a path for the portal");
        connection
            .request_name(NAME)
            .await
            .expect("no other portal is there");
        Self {
            contrast,
            _connection: connection,
        }
    }

    /// Sets the setting `contrast`: 1 is more contrast.
    pub fn prefer_contrast(&self, contrast: u32) {
        self.contrast.store(contrast, Ordering::SeqCst);
    }
}

#[interface(name = "org.freedesktop.portal.Settings")]
impl Settings {
    fn read(&self, namespace: &str, key: &str) -> fdo::Result<OwnedValue> {
        if (namespace, key) != ("org.freedesktop.appearance", "contrast") {
            return Err(fdo::Error::Failed(format!("no setting {namespace} {key}")));
        }
        // `Read` wraps its reply in one variant too many.
        let wrapped = Value::new(Value::U32(self.0.load(Ordering::SeqCst)));
        let wrapped = OwnedValue::try_from(wrapped);
        wrapped.map_err(|error| fdo::Error::Failed(error.to_string()))
    }
}
