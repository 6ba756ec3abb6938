#!/usr/bin/env bash
# Starts one broker: adds its own settings to those of the cluster, and formats an empty disk with
# the accounts found beside it. A disk that was formatted before is left as it is.
#
# NODE_ID, ADDRESS, VOTERS, CLUSTER_ID   who it is, and who the others are
# PARTNERS_ADDRESS                       where partners reach it (host:port); empty: no such listener
# SECRETS/kafka_account_<name>           a password a file; SECRETS/kafka_tls, kafka_ca: PEM files
set -euo pipefail
umask 077

kafka=${KAFKA_HOME:-/opt/kafka}
secrets=${SECRETS:-/run/secrets}
data=${DATA:-/var/lib/kafka/data}
common=${COMMON:-/etc/scrutiny/server.properties}
services=${SERVICES_PORT:-9092}
controller=${CONTROLLER_PORT:-9093}
brokers=${BROKERS_PORT:-9094}
partners=${PARTNERS_PORT:-9095}

bind=${BIND:-}
listeners="SERVICES://$bind:$services,BROKERS://$bind:$brokers"
advertised="SERVICES://$ADDRESS:$services,BROKERS://$ADDRESS:$brokers"
if [[ -n "${PARTNERS_ADDRESS:-}" ]]; then
  listeners+=",PARTNERS://$bind:$partners"
  advertised+=",PARTNERS://$PARTNERS_ADDRESS"
fi

password=$(<"$secrets/kafka_account_broker")
plain="org.apache.kafka.common.security.plain.PlainLoginModule required"
plain+=" username=\"broker\" password=\"$password\" user_broker=\"$password\";"

own=$(mktemp -d)/server.properties
cat "$common" - >"$own" <<EOF
node.id=$NODE_ID
controller.quorum.voters=$VOTERS
listeners=$listeners,CONTROLLER://$bind:$controller
advertised.listeners=$advertised
log.dirs=$data
ssl.keystore.location=$secrets/kafka_tls
ssl.truststore.location=$secrets/kafka_ca
listener.name.brokers.plain.sasl.jaas.config=$plain
listener.name.controller.plain.sasl.jaas.config=$plain
EOF

accounts=()
for file in "$secrets"/kafka_account_*; do
  name=${file##*/kafka_account_}
  [[ $name == broker ]] || accounts+=(--add-scram "SCRAM-SHA-512=[name=$name,password=$(<"$file")]")
done

"$kafka/bin/kafka-storage.sh" format --ignore-formatted \
  --cluster-id "$CLUSTER_ID" --config "$own" "${accounts[@]}"
exec "$kafka/bin/kafka-server-start.sh" "$own"
