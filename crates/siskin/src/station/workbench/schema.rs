//! The form of a rule file as a JSON Schema, for an editor that completes what people write.
//!
//! Made from the checker's own tables ([`siskin_config::rule_keys`]) and the names of this site.
//! It helps to write; what counts is what the checker says.

use serde_json::{Map, Value, json};
use siskin_config::Settings;
use siskin_config::rule_keys::{Form, KindKeys, RuleKey, rule_keys, words_of};
use siskin_engine::RuleSet;

/// The schema of a file of rules.
pub(super) fn schema(settings: &Settings, running: &RuleSet) -> Value {
    let names = Names::of(settings, running);
    let kinds: Vec<Value> = rule_keys().iter().map(|kind| kind_schema(kind, &names)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rules",
        "type": "object",
        "additionalProperties": false,
        "properties": { "rule": { "type": "array", "items": { "oneOf": kinds } } },
    })
}

/// The names that stand behind keys at this site.
struct Names {
    gases: Vec<String>,
    areas: Vec<String>,
    channels: Vec<String>,
    rules: Vec<String>,
    tiers: Vec<String>,
    limits: Vec<String>,
}

impl Names {
    fn of(settings: &Settings, running: &RuleSet) -> Self {
        let site = &settings.site;
        let measured = |gas: &str| {
            site.channels.iter().any(|c| c.quantity.gas().is_some_and(|own| own.as_str() == gas))
        };
        let gases = site.gases.iter().filter(|gas| measured(gas.id.as_str()));
        let limits = gases.clone().flat_map(|gas| gas.limits()).map(|(name, _)| name.to_owned());
        let mut limits: Vec<String> = limits.collect();
        limits.sort();
        limits.dedup();
        Self {
            gases: gases.map(|gas| gas.id.to_string()).collect(),
            areas: site.areas.iter().map(|area| area.id.to_string()).collect(),
            channels: site.channels.iter().map(|channel| channel.id.to_string()).collect(),
            rules: running.rules.iter().map(|rule| rule.id.to_string()).collect(),
            tiers: site.tiers.iter().map(|tier| tier.as_str().to_owned()).collect(),
            limits,
        }
    }
}

fn kind_schema(kind: &KindKeys, names: &Names) -> Value {
    let property = |key: &RuleKey| {
        let mut value = value_schema(key, kind.kind, names);
        if let Some(about) = value.as_object_mut() {
            about.insert("description".to_owned(), json!(key.meaning.en));
            about.insert("x-zh".to_owned(), json!(key.meaning.zh));
        }
        (key.name.to_owned(), value)
    };
    let properties: Map<String, Value> = kind.keys.iter().map(property).collect();
    let required: Vec<&str> =
        kind.keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    json!({
        "title": kind.kind,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "required": required,
        "x-equipment": kind.is_about_equipment,
    })
}

fn value_schema(key: &RuleKey, kind: &str, names: &Names) -> Value {
    let text = |words: &[String]| json!({ "type": "string", "enum": words });
    let texts = |words: &[String]| json!({ "type": "array", "items": text(words) });
    let number = || json!({ "type": "number" });
    match key.form {
        Form::Text | Form::Condition => json!({ "type": "string" }),
        Form::Kind => json!({ "const": kind }),
        Form::Boolean => json!({ "type": "boolean" }),
        Form::Number => number(),
        Form::Count => json!({ "type": "integer", "minimum": 0 }),
        Form::Seconds => json!({ "type": "number", "minimum": 0 }),
        Form::Name => {
            table(&[("zh", json!({ "type": "string" })), ("en", json!({ "type": "string" }))])
        }
        Form::SetPoint => {
            let mut limit = table(&[("limit", text(&names.limits))]);
            if let Some(keys) = limit.pointer_mut("/properties").and_then(Value::as_object_mut) {
                keys.insert("times".to_owned(), number());
            }
            json!({ "anyOf": [number(), limit] })
        }
        // What the site does not use is refused.
        Form::Tier => text(&names.tiers),
        Form::Unit | Form::Method | Form::Span => {
            json!({ "type": "string", "enum": words_of(key.form) })
        }
        Form::Gas => text(&names.gases),
        Form::Areas => texts(&names.areas),
        Form::Channels => texts(&names.channels),
        // Rules of the running set: the file itself may have others.
        Form::Rule => json!({ "type": "string", "examples": names.rules }),
        Form::Rules => {
            json!({ "type": "array", "items": { "type": "string", "examples": names.rules } })
        }
        Form::Points => {
            let point = table(&[("minutes", number()), ("limit", json!({}))]);
            json!({ "type": "array", "items": point })
        }
        Form::Recent => {
            table(&[("window_s", number()), ("quantile", number()), ("times", number())])
        }
        Form::Wind => table(&[("speed_min_m_s", number()), ("half_angle_deg", number())]),
    }
}

/// A table whose keys are all required.
fn table(keys: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> =
        keys.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let required: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> Value {
        let settings = siskin_config::load(&crate::files::demo_park()).unwrap();
        schema(&settings, &settings.rules)
    }

    /// Whether a value has the form; only what this schema uses.
    fn fits(value: &Value, schema: &Value) -> bool {
        if let Some(options) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
            return options.as_array().unwrap().iter().any(|option| fits(value, option));
        }
        if let Some(constant) = schema.get("const") {
            return value == constant;
        }
        if let Some(words) = schema.get("enum") {
            return words.as_array().unwrap().contains(value);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("number") => value.is_number(),
            Some("integer") => value.is_i64(),
            Some("array") => value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| fits(item, &schema["items"]))),
            Some("object") => value.as_object().is_some_and(|table| {
                let required = schema["required"].as_array();
                table.iter().all(|(key, value)| {
                    schema["properties"].get(key).is_some_and(|form| fits(value, form))
                }) && required.is_none_or(|keys| {
                    keys.iter().all(|key| table.contains_key(key.as_str().unwrap()))
                })
            }),
            _ => true,
        }
    }

    /// What the checker takes, the schema takes: every rule of the demo park and of the bundled
    /// sets that it uses.
    #[test]
    fn the_rules_of_the_demo_park_have_the_form() {
        let (schema, mut count) = (demo(), 0);
        for file in crate::files::demo_park().site {
            if !file.path.starts_with("rules/") {
                continue;
            }
            let table: toml::Table = file.text.parse().unwrap();
            let value = serde_json::to_value(&table).unwrap();
            for rule in value["rule"].as_array().unwrap() {
                count += 1;
                assert!(fits(rule, &schema["properties"]["rule"]["items"]), "{rule}");
            }
            assert!(fits(&value, &schema), "{}", file.path);
        }
        assert!(count > 10, "{count}");
    }

    #[test]
    fn what_the_checker_refuses_by_its_keys_does_not_have_the_form() {
        let schema = demo();
        let check = |rule: Value, expected: bool| {
            let whole = json!({ "rule": [rule.clone()] });
            assert_eq!(fits(&whole, &schema), expected, "{rule}");
        };
        let sound = json!({
            "id": "a", "name": { "zh": "甲", "en": "A" }, "kind": "threshold", "source": "s",
            "gas": "chlorine", "unit": "ppm", "raise_at": 1.0, "clear_below": 0.5,
        });
        let with = |key: &str, value: Value| {
            let mut rule = sound.clone();
            rule[key] = value;
            rule
        };
        check(sound.clone(), true);
        check(with("raise_at", json!({ "limit": "oel.mac", "times": 0.5 })), true);
        check(with("raise_ad", json!(1)), false);
        check(with("window_s", json!(1)), false);
        check(with("gas", json!("unknown")), false);
        check(with("kind", json!("no-data")), false);
        check(with("tier", json!("crimson")), false);
        let mut without = sound.clone();
        without.as_object_mut().unwrap().remove("unit");
        check(without, false);
    }

    #[test]
    fn every_key_is_described_in_both_languages() {
        let schema = demo();
        let kinds = schema["properties"]["rule"]["items"]["oneOf"].as_array().unwrap();
        assert_eq!(kinds.len(), 14);
        for kind in kinds {
            for (key, form) in kind["properties"].as_object().unwrap() {
                assert!(form["description"].is_string() && form["x-zh"].is_string(), "{key}");
            }
        }
    }
}
