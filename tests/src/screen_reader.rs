//! What a screen reader reads: the accessible objects of a program, by the protocol AT-SPI.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use rustix::process::Signal;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, Proxy};

use crate::daemon::{Daemon, PATIENCE, program};
use crate::desktop::{DesktopSession, eventually, join};

/// The program, with its arguments, that starts one that speaks to the screen reader. `WebKit` is
/// silent if the variable has any value.
pub const SPEAKING: [&str; 3] = ["env", "-u", "NO_AT_BRIDGE"];

const REGISTRY: &str = "org.a11y.atspi.Registry";
const ROOT: &str = "/org/a11y/atspi/accessible/root";
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const TEXT: &str = "org.a11y.atspi.Text";
/// Bits of `AtspiStateType`.
const EXPANDABLE: u32 = 9;
const EXPANDED: u32 = 10;
const SHOWING: u32 = 25;
/// The pause between two readings.
const PAUSE: Duration = Duration::from_millis(200);
/// More levels than a page has.
const DEEPEST: u32 = 60;

/// The bus of assistive technology, with a screen reader on it.
#[derive(Debug)]
pub struct ScreenReader {
    connection: Connection,
    bus: Daemon,
}

impl Drop for ScreenReader {
    fn drop(&mut self) {
        // If it were killed, the bus that it started would go on.
        self.bus.stop(Signal::TERM);
    }
}

/// What an object is, as far as tests look for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpokenRole {
    /// The name of a column of a table.
    ColumnHeader,
    /// A list.
    List,
    /// An item of a list.
    ListItem,
    /// A button.
    Button,
    /// The name of a row of a table.
    RowHeader,
    /// A chart, whose values are chosen one by one.
    Slider,
    /// A table.
    Table,
    /// A tree.
    Tree,
    /// A row of a tree.
    TreeItem,
    /// Anything else.
    #[default]
    Other,
}

impl SpokenRole {
    /// The role of a value of `AtspiRole`.
    fn of(value: u32) -> Self {
        match value {
            10 | 57 => Self::ColumnHeader,
            31 => Self::List,
            32 => Self::ListItem,
            43 => Self::Button,
            47 | 58 => Self::RowHeader,
            51 => Self::Slider,
            55 => Self::Table,
            65 => Self::Tree,
            91 => Self::TreeItem,
            _ => Self::Other,
        }
    }
}

/// An object as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpokenObject {
    /// What it is.
    pub role: SpokenRole,
    /// Its name.
    pub name: String,
    /// What else is said of it.
    pub description: String,
    /// Its own text, without that of the objects in it.
    pub text: String,
    /// Whether it is expanded. `None` if it cannot be.
    pub expanded: Option<bool>,
    /// True if it is on the screen.
    pub showing: bool,
    /// Further properties, such as `level` and `valuetext`.
    pub attributes: HashMap<String, String>,
    /// The objects in it.
    pub children: Vec<Self>,
}

impl SpokenObject {
    /// It and all objects in it, in the order of reading.
    pub fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        all.extend(self.children.iter().flat_map(Self::all));
        all
    }

    /// All objects in it with that role.
    pub fn having(&self, role: SpokenRole) -> Vec<&Self> {
        let all = self.all().into_iter();
        all.filter(|object| object.role == role).collect()
    }

    /// The first object in it with that role and a name that begins so.
    pub fn find(&self, role: SpokenRole, name: &str) -> Option<&Self> {
        let found = self.having(role).into_iter();
        { found }.find(|object| object.name.starts_with(name))
    }

    /// Roles and names of all objects, one a line, for the message of a failure.
    pub fn outline(&self) -> String {
        let line = |object: &Self| format!("{:?}: {} {}\n", object.role, object.name, object.text);
        self.all().into_iter().map(line).collect()
    }
}

impl ScreenReader {
    /// Starts the bus of assistive technology on that desktop. Programs that start later join it.
    pub async fn start(desktop: &impl DesktopSession) -> Self {
        let launcher = program("at-spi-bus-launcher", &["/usr/libexec/at-spi-bus-launcher"]);
        let mut command = desktop.command(&launcher);
        command.args(["--launch-immediately", "--a11y=1", "--screen-reader=1"]);
        let mut bus = Daemon::spawn("at-spi-bus-launcher", &mut command, desktop.dir());
        let session = join(desktop.bus_address()).await;
        let address: String = eventually("the bus of assistive technology", async || {
            assert!(bus.is_running(), "it ended at its start\n{}", bus.log());
            let name = "org.a11y.Bus";
            let proxy = Proxy::new(&session, name, "/org/a11y/bus", name)
                .await
                .ok()?;
            proxy.call("GetAddress", &()).await.ok()
        })
        .await;
        Self {
            connection: join(&address).await,
            bus,
        }
    }

    /// Reads all that programs show, until `look` returns something of it. Fails the test with what
    /// was read if that takes too long.
    pub async fn reads<T>(&self, what: &str, look: impl Fn(&SpokenObject) -> Option<T>) -> T {
        let mut read = SpokenObject::default();
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let root = OwnedObjectPath::try_from(ROOT).expect("a path of an object");
                let all = self.object(REGISTRY.to_owned(), root, DEEPEST).await;
                read = all.unwrap_or_default();
                if let Some(found) = look(&read) {
                    return found;
                }
                tokio::time::sleep(PAUSE).await;
            }
        })
        .await;
        found.unwrap_or_else(|_| panic!("{what} is not read in:\n{}", read.outline()))
    }

    /// Reads an object and those in it. `None` if it has gone, as objects do while a page changes.
    fn object(
        &self,
        owner: String,
        path: OwnedObjectPath,
        depth: u32,
    ) -> Pin<Box<dyn Future<Output = Option<SpokenObject>> + '_>> {
        Box::pin(async move {
            let object = self.proxy(&owner, path.as_str(), ACCESSIBLE).await?;
            let states: Vec<u32> = object.call("GetState", &()).await.ok()?;
            let able: Vec<String> = object.call("GetInterfaces", &()).await.ok()?;
            let has = |state: u32| states.first().is_some_and(|bits| bits & (1 << state) != 0);
            let mut read = SpokenObject {
                role: SpokenRole::of(object.call("GetRole", &()).await.ok()?),
                name: object.get_property("Name").await.unwrap_or_default(),
                description: object.get_property("Description").await.unwrap_or_default(),
                text: self
                    .text(&owner, path.as_str(), &able)
                    .await
                    .unwrap_or_default(),
                expanded: has(EXPANDABLE).then(|| has(EXPANDED)),
                showing: has(SHOWING),
                attributes: object.call("GetAttributes", &()).await.unwrap_or_default(),
                children: Vec::new(),
            };
            // GetChildren leaves out what another process shows in a window, such as a page.
            let count: i32 = object.get_property("ChildCount").await.unwrap_or_default();
            for index in (0..count).take_while(|_| depth > 0) {
                let child = object.call("GetChildAtIndex", &index).await;
                let (owner, path): (String, OwnedObjectPath) = child.ok()?;
                read.children
                    .extend(self.object(owner, path, depth - 1).await);
            }
            Some(read)
        })
    }

    async fn text(&self, owner: &str, path: &str, interfaces: &[String]) -> Option<String> {
        if !interfaces.iter().any(|interface| interface == TEXT) {
            return None;
        }
        let text = self.proxy(owner, path, TEXT).await?;
        text.call("GetText", &(0, -1)).await.ok()
    }

    async fn proxy(
        &self,
        owner: &str,
        path: &str,
        interface: &'static str,
    ) -> Option<Proxy<'static>> {
        let proxy = zbus::proxy::Builder::<Proxy<'_>>::new(&self.connection)
            .destination(owner.to_owned())
            .ok()?
            .path(path.to_owned())
            .ok()?
            .interface(interface)
            .ok()?
            // Objects come and go, so that nothing is remembered of them.
            .cache_properties(zbus::proxy::CacheProperties::No);
        proxy.build().await.ok()
    }
}
