//! The panel stays where it is, whatever a page, a link or a script would lead it to.

use std::time::Duration;

use up_tests::desktop::{Desktop, UpTray};
use up_tests::hostile::{Hostile, scripts};
use up_tests::nginx::Nginx;

use crate::{page_by_second_start, prod};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leads_the_panel_away() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    let elsewhere = Hostile::play(scripts::ok()).await;
    let up = UpTray::start(&desktop, &prod(&nginx));
    let page = page_by_second_start(&up, &desktop).await;
    page.row("PROD", "UP").await;
    let home = page.run("return location.href").await;
    let url = elsewhere.url("/");
    let ways = [
        format!("location = '{url}'"),
        format!("location.replace('{url}')"),
        format!("window.open('{url}')"),
        format!("window.open('{url}', '_top')"),
        link(&url, ""),
        link(&url, "a.target = '_blank'"),
        link(&url, "a.download = 'x'"),
        link("data:text/plain,x", "a.download = 'x'"),
        format!(
            "const f = document.createElement('iframe'); f.src = '{url}'; document.body.append(f)"
        ),
        "location = 'file:///etc/passwd'".to_owned(),
        "location = 'data:text/html,elsewhere'".to_owned(),
        "location = 'about:blank'".to_owned(),
    ];
    for way in ways {
        page.run(&way).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(page.run("return location.href").await, home, "{way}");
        page.row("PROD", "UP").await;
    }
    assert_eq!(elsewhere.connections(), 0, "nobody was asked for anything");
    assert_eq!(desktop.windows("Up").len(), 1, "no other window");
}

/// Clicks a link that is made for it.
fn link(url: &str, more: &str) -> String {
    format!(
        "const a = document.createElement('a'); a.href = '{url}'; {more}; \
         document.body.append(a); a.click(); a.remove()"
    )
}
