//! The defaults of keys that no table sets.

use serde_json::{Value, json};
use up_core::alert::NotifyPolicy;
use up_core::judge::Marks;
use up_core::{Kind, Level, Mood, Rules};
use up_source::WrittenDuration;

use crate::settings::{INTERVAL, TIMEOUT};

/// The default of a key for this source type in a file with this mood; null if the key has none.
pub(super) fn default(key: &str, kind: &str, mood: Mood, schema: &Value) -> Value {
    let (rules, policy) = (Rules::default(), NotifyPolicy::default());
    let span = |span| json!(WrittenDuration(span).to_string());
    let is_tree = kind == Kind::TREE.0;
    match key {
        "interval" => span(INTERVAL),
        "timeout" => span(TIMEOUT),
        "weight" => json!(1),
        "parallel" if is_tree => json!(true),
        "policy" if is_tree => json!("mean"),
        "alert.down_after" => json!(rules.down_after),
        "alert.up_after" => json!(rules.up_after),
        "alert.retry" => span(rules.retry),
        "alert.flapping" => json!(rules.flapping.is_some()),
        "alert.flap_high" => json!(Marks::default().high),
        "alert.flap_low" => json!(Marks::default().low),
        "alert.level" => json!(Level::number(mood.alerts_up_to())),
        "alert.unknown" => json!(mood == Mood::Pessimist),
        "alert.group_within" => span(policy.group_within),
        "alert.per_minute" => json!(policy.most),
        _ => schema.get("default").cloned().unwrap_or_default(),
    }
}
