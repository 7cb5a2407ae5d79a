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

use super::backend::{CALL_TIMEOUT, DesktopSignal, NotificationBackend, NotificationRefusal};
use super::words::{Bubble, NotificationAction};
use crate::tray::{escaped, icon};

const SERVICE: &str = "org.freedesktop.Notifications";
const OBJECT: &str = "/org/freedesktop/Notifications";
/// The width and height of the picture on a bubble, in pixels.
const PICTURE_SIZE: u16 = 64;
/// The value of `expire_timeout` that lets the service decide how long a bubble stays.
const DEFAULT_EXPIRY: i32 = -1;

/// The session's notification service.
pub(super) struct Session {
    connection: Option<Connection>,
    events: UnboundedSender<DesktopSignal>,
}

impl Session {
    /// A backend that is not connected yet. Events are sent to `events`.
    pub(super) fn new(events: UnboundedSender<DesktopSignal>) -> Self {
        Self {
            connection: None,
            events,
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
        listen(&connection, self.events.clone())
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
        let name = BusName::try_from(SERVICE).map_err(|_| NotificationRefusal::NoService)?;
        let there = bus.name_has_owner(name).await.unwrap_or(false);
        let startable = async {
            let names = bus.list_activatable_names().await.unwrap_or_default();
            names.iter().any(|name| name.as_str() == SERVICE)
        };
        if there || startable.await {
            Ok(())
        } else {
            Err(NotificationRefusal::NoService)
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
        let able = timeout(CALL_TIMEOUT, able)
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
        let arguments = (
            "Up",
            id,
            "",
            &bubble.summary,
            body,
            actions,
            hints,
            DEFAULT_EXPIRY,
        );
        let id = timeout(CALL_TIMEOUT, call(&connection, "Notify", &arguments));
        id.await.unwrap_or(Err(NotificationRefusal::Slow))
    }

    async fn service(&mut self) -> Option<String> {
        let connection = self.connection().await.ok()?;
        let identity = async {
            let bus = DBusProxy::new(&connection).await.ok()?;
            // A unique name is given once by a bus, and a restarted bus has another id.
            let owner = bus.get_name_owner(SERVICE.try_into().ok()?).await.ok()?;
            Some(format!("{} {owner}", bus.get_id().await.ok()?))
        };
        timeout(CALL_TIMEOUT, identity).await.ok()?
    }

    async fn close_bubble(&mut self, id: u32) {
        if let Some(connection) = &self.connection {
            let which = (id,);
            let closed = call::<_, ()>(connection, "CloseNotification", &which);
            let _ = timeout(CALL_TIMEOUT, closed).await;
        }
    }

    fn disconnect(&mut self) {
        self.connection = None;
    }
}

async fn call<A, R>(
    connection: &Connection,
    method: &str,
    arguments: &A,
) -> Result<R, NotificationRefusal>
where
    A: serde::Serialize + zbus::zvariant::DynamicType,
    R: serde::de::DeserializeOwned + zbus::zvariant::Type,
{
    let refusal = |error: zbus::Error| match &error {
        zbus::Error::MethodError(name, _, _) if is_no_service(name.as_str()) => {
            NotificationRefusal::NoService
        }
        zbus::Error::InputOutput(_) => NotificationRefusal::NoBus,
        _ => NotificationRefusal::Refused(up_core::cause::one_line(&error.to_string(), 200)),
    };
    let answer = connection
        .call_method(Some(SERVICE), OBJECT, Some(SERVICE), method, arguments)
        .await
        .map_err(refusal)?;
    answer.body().deserialize().map_err(refusal)
}

/// True for the bus's errors about a service that is not there and cannot be started.
fn is_no_service(error: &str) -> bool {
    const BUS: &str = "org.freedesktop.DBus.Error.";
    error.strip_prefix(BUS).is_some_and(|error| {
        error == "ServiceUnknown" || error == "NameHasNoOwner" || error.starts_with("Spawn.")
    })
}

/// The hint `image-data`: width, height, bytes per row, alpha, bits per channel, channels, pixels.
fn picture(bubble: &Bubble) -> Value<'static> {
    let side = i32::from(PICTURE_SIZE);
    let structure = StructureBuilder::new()
        .add_field(side)
        .add_field(side)
        .add_field(side * 4)
        .add_field(true)
        .add_field(8_i32)
        .add_field(4_i32)
        .add_field(icon::rgba(bubble.look, u32::from(PICTURE_SIZE)))
        .build();
    structure.map_or(Value::Bool(false), Value::from)
}

async fn listen(
    connection: &Connection,
    events: UnboundedSender<DesktopSignal>,
) -> zbus::Result<()> {
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
            let event = tokio::select! {
                signal = signals.next() => match signal {
                    Some(Ok(signal)) => parse_signal(&signal),
                    Some(Err(_)) | None => break,
                },
                owner = owners.next() => match owner {
                    Some(owner) => owner.args().ok().map(|args| {
                        if args.new_owner.is_some() { DesktopSignal::ServiceStarted } else { DesktopSignal::ServiceStopped }
                    }),
                    None => break,
                },
            };
            if event.is_some_and(|event| events.send(event).is_err()) {
                return;
            }
        }
        let _ = events.send(DesktopSignal::BusLost);
    });
    Ok(())
}

fn parse_signal(signal: &zbus::Message) -> Option<DesktopSignal> {
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
