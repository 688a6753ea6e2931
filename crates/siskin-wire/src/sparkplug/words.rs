//! What people read about a node's session, in both languages.

use siskin_model::Text;

pub(super) fn node_died() -> Text {
    Text::new(
        "Sparkplug 节点已下线（NDEATH）；请检查节点的电源和网络",
        "the Sparkplug node went offline (NDEATH); hint: check its power and network",
    )
}

pub(super) fn device_died() -> Text {
    Text::new(
        "Sparkplug 设备已下线（DDEATH）；请检查设备与节点之间的线路",
        "the Sparkplug device went offline (DDEATH); hint: check the line between device and node",
    )
}

pub(super) fn no_birth() -> Text {
    Text::new(
        "节点已上线，但没有收到该设备的出生报文（DBIRTH）；请检查设备是否在线以及设备名称",
        "the node is online, but there is no birth of this device (DBIRTH); \
         hint: check that the device is there and its name",
    )
}

pub(super) fn before_birth() -> Text {
    Text::new(
        "出生报文之前的数据未采用；已请求节点重新发送出生报文，若持续出现请检查访问权限",
        "data before the birth was left aside; \
         hint: the node is asked for its births, if this stays check the access list for NCMD",
    )
}

pub(super) fn no_seq() -> Text {
    Text::new(
        "报文没有 0 到 255 的序号 seq，无法发现丢失；请检查节点的 Sparkplug 设置",
        "the message has no `seq` from 0 to 255, losses cannot be seen; \
         hint: look at the node's Sparkplug settings",
    )
}

pub(super) fn gap() -> Text {
    Text::new(
        "节点的报文序号不连续，有报文丢失；已请求节点重新发送出生报文，若持续出现请检查网络",
        "a message of the node is missing (seq); \
         hint: the node is asked for its births, if this stays check the network",
    )
}

pub(super) fn unborn_metric() -> Text {
    Text::new(
        "报文中有出生报文没有的测点；已请求节点重新发送出生报文，若持续出现请检查节点设置",
        "the message has a metric that was not born; \
         hint: the node is asked for its births, if this stays look at its settings",
    )
}

pub(super) fn retained() -> Text {
    Text::new(
        "收到保留消息，时间新旧不明，未采用；请让节点发布时不带保留标志",
        "a retained message was left aside: it may be of any age; \
         hint: let the node publish without retain",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::check_text;

    #[test]
    fn all_are_in_both_languages_with_a_hint() {
        let (a, b) = (node_died(), device_died());
        let all = [a, b, no_birth(), before_birth(), no_seq(), gap(), unborn_metric(), retained()];
        for text in all {
            check_text(&text);
            assert!(text.en.contains("; hint: "), "{text:?}");
        }
    }
}
