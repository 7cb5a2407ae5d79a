//! A client of the Desktop Notifications Specification 1.2 over D-Bus. It uses one connection for
//! all bubbles: a service reports clicks to the connection that last sent the bubble, so that the
//! connection that replaces a bubble must also listen for its clicks.

use std::collections::HashMap;

use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::{StructureBuilder, Value};
use zbus::{Connection, MatchRule, MessageStream, message};

use super::backend::{DesktopSignal, NotificationBackend, NotificationRefusal, PATIENCE};
use super::words::{Bubble, NotificationAction};
use crate::tray::{escaped, icon};

const SERVICE: &str = "org.freedesktop.Notifications";
const OBJECT: &str = "/org/freedesktop/Notifications";
/// The width and height of the picture on a bubble, in pixels.
const PICTURE: u16 = 64;
/// The value of `expire_timeout` that lets the service decide how long a bubble stays.
const AS_LONG_AS_USUAL: i32 = -1;

/// The session's notification service.
pub(super) struct Session {
    connection: Option<Connection>,
    told: UnboundedSender<DesktopSignal>,
}

impl Session {
    /// A backend that is not connected yet. Events are sent to `events`.
    pub(super) fn new(told: UnboundedSender<DesktopSignal>) -> Self {
        Self {
            connection: None,
            told,
        }
    }

    /// The current connection, or a new one if there is none.
    async fn connection(&mut self) -> Result<Connection, NotificationRefusal> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let connection = Connection::session()
            .await
            .map_err(|_| NotificationRefusal::NoBus)?;
        listen(&connection, self.told.clone())
            .await
            .map_err(|_| NotificationRefusal::NoBus)?;
        Ok(self.connection.insert(connection).clone())
    }
}

impl NotificationBackend for Session {
    async fn open(&mut self) -> Result<(), NotificationRefusal> {
        let connection = self.connection().await?;
        let bus = DBusProxy::new(&connection)
            .await
            .map_err(|_| NotificationRefusal::NoBus)?;
        let name = BusName::try_from(SERVICE).map_err(|_| NotificationRefusal::Nobody)?;
        let there = bus.name_has_owner(name).await.unwrap_or(false);
        let startable = async {
            let names = bus.list_activatable_names().await.unwrap_or_default();
            names.iter().any(|name| name.as_str() == SERVICE)
        };
        if there || startable.await {
            Ok(())
        } else {
            Err(NotificationRefusal::Nobody)
        }
    }

    async fn show(
        &mut self,
        bubble: &Bubble,
        replaces: Option<u32>,
    ) -> Result<u32, NotificationRefusal> {
        let connection = self.connection().await?;
        // A service that hangs does so at this call, before it was given a bubble.
        let able = call::<_, Vec<String>>(&connection, "GetCapabilities", &());
        let able = timeout(PATIENCE, able)
            .await
            .map_err(|_| NotificationRefusal::Silent)??;
        let able = |what: &str| able.iter().any(|capability| capability == what);
        let body = bubble.lines.join("\n");
        let body = if able("body-markup") {
            escaped(&body)
        } else {
            body
        };
        let choices = bubble.choices.iter().filter(|_| able("actions"));
        let actions: Vec<&str> = choices
            .flat_map(|choice| [choice.key(), choice.label()])
            .collect();
        let hints = HashMap::from([
            ("urgency", Value::U8(bubble.urgency as u8)),
            ("category", Value::from("network")),
            ("image-data", picture(bubble)),
        ]);
        let id = replaces.unwrap_or(0);
        let asked = (
            "Up",
            id,
            "",
            &bubble.summary,
            body,
            actions,
            hints,
            AS_LONG_AS_USUAL,
        );
        let id = timeout(PATIENCE, call(&connection, "Notify", &asked));
        id.await.unwrap_or(Err(NotificationRefusal::Slow))
    }

    async fn service(&mut self) -> Option<String> {
        let connection = self.connection().await.ok()?;
        let asked = async {
            let bus = DBusProxy::new(&connection).await.ok()?;
            // A unique name is given once by a bus, and a restarted bus has another id.
            let owner = bus.get_name_owner(SERVICE.try_into().ok()?).await.ok()?;
            Some(format!("{} {owner}", bus.get_id().await.ok()?))
        };
        timeout(PATIENCE, asked).await.ok()?
    }

    async fn take_back(&mut self, id: u32) {
        if let Some(connection) = &self.connection {
            let which = (id,);
            let closed = call::<_, ()>(connection, "CloseNotification", &which);
            let _ = timeout(PATIENCE, closed).await;
        }
    }

    fn close(&mut self) {
        self.connection = None;
    }
}

async fn call<A, R>(
    connection: &Connection,
    method: &str,
    asked: &A,
) -> Result<R, NotificationRefusal>
where
    A: serde::Serialize + zbus::zvariant::DynamicType,
    R: serde::de::DeserializeOwned + zbus::zvariant::Type,
{
    let unwilling = |error: zbus::Error| match &error {
        zbus::Error::MethodError(name, _, _) if means_nobody(name.as_str()) => {
            NotificationRefusal::Nobody
        }
        zbus::Error::InputOutput(_) => NotificationRefusal::NoBus,
        _ => NotificationRefusal::Unwilling(up_core::cause::one_line(&error.to_string(), 200)),
    };
    let answer = connection
        .call_method(Some(SERVICE), OBJECT, Some(SERVICE), method, asked)
        .await
        .map_err(unwilling)?;
    answer.body().deserialize().map_err(unwilling)
}

/// True for the bus's errors about a service that is not there and cannot be started.
fn means_nobody(error: &str) -> bool {
    const BUS: &str = "org.freedesktop.DBus.Error.";
    error.strip_prefix(BUS).is_some_and(|error| {
        error == "ServiceUnknown" || error == "NameHasNoOwner" || error.starts_with("Spawn.")
    })
}

/// The hint `image-data`: width, height, bytes per row, alpha, bits per channel, channels, pixels.
fn picture(bubble: &Bubble) -> Value<'static> {
    let side = i32::from(PICTURE);
    let structure = StructureBuilder::new()
        .add_field(side)
        .add_field(side)
        .add_field(side * 4)
        .add_field(true)
        .add_field(8_i32)
        .add_field(4_i32)
        .add_field(icon::rgba(bubble.look, u32::from(PICTURE)))
        .build();
    structure.map_or(Value::Bool(false), Value::from)
}

async fn listen(connection: &Connection, told: UnboundedSender<DesktopSignal>) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .interface(SERVICE)?
        .path(OBJECT)?
        .build();
    let mut signals = MessageStream::for_match_rule(rule, connection, None).await?;
    let bus = DBusProxy::new(connection).await?;
    let mut owners = bus
        .receive_name_owner_changed_with_args(&[(0, SERVICE)])
        .await?;
    tokio::spawn(async move {
        loop {
            let heard = tokio::select! {
                signal = signals.next() => match signal {
                    Some(Ok(signal)) => understood(&signal),
                    Some(Err(_)) | None => break,
                },
                owner = owners.next() => match owner {
                    Some(owner) => owner.args().ok().map(|args| {
                        if args.new_owner.is_some() { DesktopSignal::Came } else { DesktopSignal::Went }
                    }),
                    None => break,
                },
            };
            if heard.is_some_and(|heard| told.send(heard).is_err()) {
                return;
            }
        }
        let _ = told.send(DesktopSignal::Lost);
    });
    Ok(())
}

fn understood(signal: &zbus::Message) -> Option<DesktopSignal> {
    let header = signal.header();
    let body = signal.body();
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (id, key): (u32, String) = body.deserialize().ok()?;
            NotificationAction::of(&key).map(|choice| DesktopSignal::Chosen(id, choice))
        }
        "NotificationClosed" => {
            let (id, _reason): (u32, u32) = body.deserialize().ok()?;
            Some(DesktopSignal::Closed(id))
        }
        _ => None,
    }
}
