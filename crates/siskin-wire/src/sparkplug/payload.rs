//! The payload of Eclipse Tahu's `sparkplug_b.proto`, as far as a host needs it.
//!
//! Data sets and templates are seen and not looked into: they have no depth here. Bytes from
//! outside are counted before anything is made of them, so a small message cannot become a large
//! one in memory (invariant 11).

use prost::Message;
use siskin_model::Text;

use crate::profile::PAYLOAD_LIMIT_BYTES;

/// The most metrics in one payload.
pub const METRICS_MAX: usize = 4_096;
/// The most properties of all metrics in one payload, counted by their keys.
pub const PROPERTIES_MAX: usize = 16_384;

/// A message of a node or device.
#[derive(Clone, PartialEq, Message)]
pub struct Payload {
    /// When it was sent, milliseconds since 1970.
    #[prost(uint64, optional, tag = "1")]
    pub timestamp: Option<u64>,
    /// What it says.
    #[prost(message, repeated, tag = "2")]
    pub metrics: Vec<Metric>,
    /// Its place in the node's session, 0 to 255.
    #[prost(uint64, optional, tag = "3")]
    pub seq: Option<u64>,
}

/// One metric.
#[derive(Clone, PartialEq, Message)]
pub struct Metric {
    /// Its name; in data it may be left out where the birth gave an alias.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// A number that stands for the name.
    #[prost(uint64, optional, tag = "2")]
    pub alias: Option<u64>,
    /// When it was measured, milliseconds since 1970.
    #[prost(uint64, optional, tag = "3")]
    pub timestamp: Option<u64>,
    /// Its type, see [`Metric::number`].
    #[prost(uint32, optional, tag = "4")]
    pub datatype: Option<u32>,
    /// Kept by the node while it could not send.
    #[prost(bool, optional, tag = "5")]
    pub is_historical: Option<bool>,
    /// Said to be without a value.
    #[prost(bool, optional, tag = "7")]
    pub is_null: Option<bool>,
    /// Properties, for example the unit.
    #[prost(message, optional, tag = "9")]
    pub properties: Option<Properties>,
    /// The value.
    #[prost(oneof = "Value", tags = "10, 11, 12, 13, 14, 15, 16, 17, 18")]
    pub value: Option<Value>,
}

/// A value as it is coded.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Value {
    /// Whole numbers up to 32 bits, negative ones as two's complement.
    #[prost(uint32, tag = "10")]
    Int(u32),
    /// Whole numbers of 64 bits and dates.
    #[prost(uint64, tag = "11")]
    Long(u64),
    /// A float of 32 bits.
    #[prost(float, tag = "12")]
    Float(f32),
    /// A float of 64 bits.
    #[prost(double, tag = "13")]
    Double(f64),
    /// True or false.
    #[prost(bool, tag = "14")]
    Boolean(bool),
    /// A text.
    #[prost(string, tag = "15")]
    Text(String),
    /// Bytes, files and arrays.
    #[prost(bytes = "vec", tag = "16")]
    Bytes(Vec<u8>),
    /// A table; not looked into.
    #[prost(bytes = "vec", tag = "17")]
    DataSet(Vec<u8>),
    /// An instance of a template; not looked into.
    #[prost(bytes = "vec", tag = "18")]
    Template(Vec<u8>),
}

/// Properties of a metric: two lists of the same length.
#[derive(Clone, PartialEq, Message)]
pub struct Properties {
    /// Names.
    #[prost(string, repeated, tag = "1")]
    pub keys: Vec<String>,
    /// Values.
    #[prost(message, repeated, tag = "2")]
    pub values: Vec<Property>,
}

/// The value of a property, of the kinds a host reads here.
#[derive(Clone, PartialEq, Message)]
pub struct Property {
    /// Whole numbers up to 32 bits.
    #[prost(uint32, optional, tag = "3")]
    pub int: Option<u32>,
    /// Whole numbers of 64 bits.
    #[prost(uint64, optional, tag = "4")]
    pub long: Option<u64>,
    /// A text.
    #[prost(string, optional, tag = "8")]
    pub text: Option<String>,
}

/// Reads a payload. A refusal says why there is none.
pub fn decode(bytes: &[u8]) -> Result<Payload, Text> {
    let len = bytes.len();
    if len > PAYLOAD_LIMIT_BYTES {
        return Err(Text::new(
            format!(
                "Sparkplug 报文有 {len} 字节，上限 {PAYLOAD_LIMIT_BYTES}；请减少节点的测点数量"
            ),
            format!(
                "the Sparkplug payload has {len} bytes, at most {PAYLOAD_LIMIT_BYTES} are read; \
                 hint: let the node have fewer metrics"
            ),
        ));
    }
    let Some(size) = Size::of(bytes) else { return Err(broken("cut short")) };
    if size.metrics > METRICS_MAX || size.properties > PROPERTIES_MAX {
        let Size { metrics, properties } = size;
        return Err(Text::new(
            format!(
                "Sparkplug 报文有 {metrics} 个测点、{properties} 个属性，\
                 上限 {METRICS_MAX} 和 {PROPERTIES_MAX}；请减少节点的测点数量"
            ),
            format!(
                "the Sparkplug payload has {metrics} metrics and {properties} properties, at most \
                 {METRICS_MAX} and {PROPERTIES_MAX} are read; hint: let the node have fewer"
            ),
        ));
    }
    Payload::decode(bytes).map_err(|error| broken(&error.to_string()))
}

fn broken(why: &str) -> Text {
    Text::new(
        format!("Sparkplug 报文无法解码（{why}）；请检查节点是否按 Sparkplug B 发送 protobuf"),
        format!(
            "the Sparkplug payload cannot be decoded ({why}); \
             hint: let the node send the protobuf of Sparkplug B"
        ),
    )
}

/// How much a payload would become.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Size {
    metrics: usize,
    properties: usize,
}

impl Size {
    /// Counts without making anything: metrics, and keys or values of their properties.
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut size = Self::default();
        each_field(bytes, |tag, body| {
            if tag == 2 {
                size.metrics += 1;
                each_field(body, |tag, body| {
                    if tag == 9 {
                        let (mut keys, mut values) = (0, 0);
                        each_field(body, |tag, _| {
                            keys += usize::from(tag == 1);
                            values += usize::from(tag == 2);
                            Some(())
                        })?;
                        size.properties += keys.max(values);
                    }
                    Some(())
                })?;
            }
            Some(())
        })?;
        Some(size)
    }
}

/// Calls `see` with the tag and the bytes of each field that has a length; the others are passed
/// over. None where the bytes are no fields.
fn each_field<'a>(
    mut bytes: &'a [u8],
    mut see: impl FnMut(u64, &'a [u8]) -> Option<()>,
) -> Option<()> {
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let skip = match key & 7 {
            0 => {
                varint(&mut bytes)?;
                0
            }
            1 => 8,
            2 => {
                let len = usize::try_from(varint(&mut bytes)?).ok()?;
                see(key >> 3, bytes.get(..len)?)?;
                len
            }
            5 => 4,
            // Groups are not in the definition; nobody sends them.
            _ => return None,
        };
        bytes = bytes.get(skip..)?;
    }
    Some(())
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    prost::encoding::decode_varint(bytes).ok()
}

impl Metric {
    /// The number of this metric, of which the birth says that it has `datatype`; none where it is
    /// no number. Negative whole numbers come as two's complement of 32 bits or of their own size.
    pub fn number(&self, datatype: u32) -> Option<f64> {
        let low = |bits: u32| match self.value {
            Some(Value::Int(word)) => Some(u64::from(word) & (u64::MAX >> (64 - bits))),
            // Some encoders put 32 bits into the long field.
            Some(Value::Long(word)) => Some(word & (u64::MAX >> (64 - bits))),
            _ => None,
        };
        let signed = |bits: u32| low(bits).map(|word| sign_extended(word, bits));
        match datatype {
            1 => signed(8),
            2 => signed(16),
            3 => signed(32),
            4 => signed(64),
            5..=8 => match self.value {
                Some(Value::Int(word)) => Some(f64::from(word)),
                Some(Value::Long(word)) => Some(word as f64),
                _ => None,
            },
            9 | 10 => match self.value {
                Some(Value::Float(number)) => Some(f64::from(number)),
                Some(Value::Double(number)) => Some(number),
                _ => None,
            },
            _ => None,
        }
        .filter(|number| number.is_finite())
    }

    /// The value as a word of a state: a text, a whole number, true or false.
    pub fn word(&self, datatype: u32) -> Option<String> {
        match &self.value {
            Some(Value::Text(text)) => Some(text.clone()),
            Some(Value::Boolean(yes)) => Some(yes.to_string()),
            Some(Value::Int(_) | Value::Long(_)) => {
                self.number(datatype).map(|number| number.to_string())
            }
            _ => None,
        }
    }

    /// Whether it was kept by the node and sent later.
    pub fn is_past(&self) -> bool {
        self.is_historical.unwrap_or(false)
    }

    /// The property `key`, where there is one.
    pub fn property(&self, key: &str) -> Option<&Property> {
        let properties = self.properties.as_ref()?;
        let at = properties.keys.iter().position(|known| known == key)?;
        properties.values.get(at)
    }
}

fn sign_extended(word: u64, bits: u32) -> f64 {
    let shift = 64 - bits;
    let signed = (word << shift).cast_signed() >> shift;
    signed as f64
}

#[cfg(test)]
mod tests;
