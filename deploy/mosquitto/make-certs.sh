#!/bin/sh
# A private certificate authority and the certificates of one broker, for a test or a park.
# 为测试或园区生成私有 CA 以及服务器证书。
#
#   ./make-certs.sh FOLDER NAME...     NAME: host names and addresses of the broker
#   ./make-certs.sh FOLDER --client USER    a certificate for a device or Siskin, by the same CA
#
# Keys are never overwritten. Keep ca.key off the broker's machine.
set -eu

CA_DAYS=3650
CERT_DAYS=825

if [ $# -lt 2 ]; then
    echo "usage: $0 FOLDER NAME... | $0 FOLDER --client USER" >&2
    exit 2
fi
folder=$1
shift
mkdir -p "$folder"
umask 077

key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null
}

# certificate FILE SUBJECT EXTENSIONS: FILE.key and FILE.crt, signed by the CA.
certificate() {
    if [ -e "$folder/$1.key" ]; then
        echo "$folder/$1.key exists already; hint: remove it to make another" >&2
        exit 1
    fi
    key "$folder/$1.key"
    printf '%s\n' "$3" >"$folder/$1.ext"
    openssl req -new -key "$folder/$1.key" -subj "/CN=$2" -out "$folder/$1.csr"
    openssl x509 -req -in "$folder/$1.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" \
        -CAcreateserial -days "$CERT_DAYS" -sha256 -extfile "$folder/$1.ext" \
        -out "$folder/$1.crt" 2>/dev/null
    rm "$folder/$1.csr" "$folder/$1.ext"
    chmod 644 "$folder/$1.crt"
}

if [ ! -e "$folder/ca.key" ]; then
    key "$folder/ca.key"
    openssl req -x509 -new -key "$folder/ca.key" -subj "/CN=Siskin park CA" -days "$CA_DAYS" \
        -sha256 -addext "basicConstraints=critical,CA:TRUE" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$folder/ca.crt"
    chmod 644 "$folder/ca.crt"
fi

if [ "$1" = "--client" ]; then
    user=${2:?"the name of the user is missing"}
    certificate "$user" "$user" "keyUsage=digitalSignature
extendedKeyUsage=clientAuth"
    exit 0
fi

names=
for name in "$@"; do
    case $name in
    *:* | *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
    esac
    case $name in *:*) kind=IP ;; esac
    names="${names:+$names,}$kind:$name"
done
certificate server "$1" "subjectAltName=$names
keyUsage=digitalSignature
extendedKeyUsage=serverAuth"
