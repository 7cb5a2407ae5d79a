//! The icon as a tray host sees it on the bus, with its tooltip and menu.

use std::collections::HashMap;

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy};

/// An icon that is registered with the tray host.
#[derive(Debug)]
pub struct RegisteredItem {
    connection: Connection,
    name: String,
    path: String,
}

/// A line of its menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLine {
    id: i32,
    /// The text of the line.
    pub label: String,
    /// True if it can be chosen.
    pub enabled: bool,
}

/// The id, properties and children of a line in com.canonical.dbusmenu.
type MenuLayout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
/// The name, pixmaps, title and description of a tooltip in StatusNotifierItem.
type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);

impl RegisteredItem {
    /// All registered icons, oldest first.
    pub(crate) async fn all(connection: &Connection) -> Vec<Self> {
        const WATCHER: &str = "org.kde.StatusNotifierWatcher";
        let host = Proxy::new(connection, WATCHER, "/StatusNotifierWatcher", WATCHER).await;
        let host = host.expect("a proxy of the tray host");
        let items: Vec<String> = host
            .get_property("RegisteredStatusNotifierItems")
            .await
            .unwrap_or_default();
        let item = |item: String| {
            let (name, path) = item.split_once('/')?;
            Some(Self {
                connection: connection.clone(),
                name: name.to_owned(),
                path: format!("/{path}"),
            })
        };
        items.into_iter().filter_map(item).collect()
    }

    async fn proxy(&self, path: &str, interface: &'static str) -> Proxy<'_> {
        let proxy = Proxy::new(
            &self.connection,
            self.name.clone(),
            path.to_owned(),
            interface,
        );
        proxy.await.expect("a proxy of the icon")
    }

    async fn menu(&self) -> Proxy<'_> {
        let item = self.proxy(&self.path, "org.kde.StatusNotifierItem").await;
        let menu: OwnedObjectPath = item.get_property("Menu").await.expect("it has a menu");
        self.proxy(menu.as_str(), "com.canonical.dbusmenu").await
    }

    /// The title of the tooltip, and the text below it.
    pub async fn tooltip(&self) -> (String, String) {
        let item = self.proxy(&self.path, "org.kde.StatusNotifierItem").await;
        let tip: ToolTip = item
            .get_property("ToolTip")
            .await
            .expect("it has a tooltip");
        (tip.2, tip.3)
    }

    /// Clicks the icon, as a tray host reports it that knows where on the screen that was.
    pub async fn activate(&self, (x, y): (i32, i32)) {
        let item = self.proxy(&self.path, "org.kde.StatusNotifierItem").await;
        let clicked: zbus::Result<()> = item.call("Activate", &(x, y)).await;
        clicked.expect("an icon takes a click");
    }

    /// All lines of the menu that have a text. Those of a submenu follow the line that opens it.
    pub async fn lines(&self) -> Vec<MenuLine> {
        let asked = (0, -1, ["label", "enabled"].as_slice());
        let answer = self.menu().await.call("GetLayout", &asked).await;
        let (_revision, root): (u32, MenuLayout) = answer.expect("a menu tells its layout");
        let mut lines = Vec::new();
        flatten(root, &mut lines);
        lines
    }

    /// Chooses the line with the text `label`.
    pub async fn choose(&self, label: &str) {
        let lines = self.lines().await;
        let line = lines.iter().find(|line| line.label == label);
        let line = line.unwrap_or_else(|| panic!("no {label:?} among {lines:?}"));
        let event = (line.id, "clicked", Value::from(0), 0_u32);
        let chosen: zbus::Result<()> = self.menu().await.call("Event", &event).await;
        chosen.expect("a menu takes a choice");
    }
}

fn flatten((id, properties, children): MenuLayout, lines: &mut Vec<MenuLine>) {
    let text = |name: &str| {
        properties
            .get(name)
            .and_then(|value| value.downcast_ref::<&str>().ok())
    };
    if let Some(label) = text("label") {
        // An underscore marks an access key. Two of them are a literal one.
        let label = label
            .replace("__", "\0")
            .replace('_', "")
            .replace('\0', "_");
        let enabled = properties.get("enabled");
        let enabled = enabled.is_none_or(|value| value.downcast_ref::<bool>() != Ok(false));
        lines.push(MenuLine { id, label, enabled });
    }
    for child in children {
        flatten(
            MenuLayout::try_from(child).expect("a line of a menu"),
            lines,
        );
    }
}
