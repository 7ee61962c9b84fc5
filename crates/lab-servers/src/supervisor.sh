# Runs one private Postgres server for as long as standard input stays open.
#
#   sh -c "$(cat supervisor.sh)" supervisor BINARIES PARENT...
#
# The server lives in a new folder below the first PARENT that can be written. Each answer is a
# line on standard output: `ready FOLDER`, `stopped`, or `failed REASON` with the end of the log
# behind it. Each line on standard input is a command: `stop` or `start`. Whoever started this
# script holds the other end of standard input: however that process goes, also by kill -9, its end
# closes the pipe, and the script stops the server, removes the folder and ends.

# Ctrl-C and a closed terminal are for the process at the other end; a closed pipe is an answer
# that nobody reads; and a server that is about to start cannot be stopped yet.
trap '' HUP INT PIPE TERM
umask 077
# What this script uses is there also where the caller's PATH does not lead to it.
PATH=${PATH:+$PATH:}/usr/bin:/bin
folder=
server=

clean() {
    trap '' TERM
    stop
    if [ -n "$folder" ]; then rm -rf "$folder"; fi
}

fail() {
    echo "failed $1"
    if [ -f "$folder/log" ]; then tail -n 20 "$folder/log"; fi
    exit 1
}

# SIGQUIT is the immediate shutdown: no checkpoint, for the data are thrown away.
stop() {
    if [ -n "$server" ]; then kill -QUIT "$server"; fi
    wait
    server=
}

# The log comes through a pipe, so that nobody has to ask again and again whether the server is
# ready: it says so.
start() {
    "$binaries/postgres" -D "$folder/data" -k "$folder" \
        -c listen_addresses= -c max_connections=100 -c deadlock_timeout=100ms \
        -c fsync=off -c full_page_writes=off -c synchronous_commit=on \
        -c autovacuum=off -c jit=off -c max_wal_size=128MB \
        -c dynamic_shared_memory_type=mmap \
        >"$folder/events" 2>&1 </dev/null &
    server=$!
    exec 3<"$folder/events"
    while read -r line <&3; do
        echo "$line" >>"$folder/log"
        case $line in
        *"ready to accept connections"*)
            cat <&3 >>"$folder/log" &
            exec 3<&-
            echo "ready $folder"
            return
            ;;
        esac
    done
    wait
    server=
    fail "postgres ended while it started"
}

trap clean EXIT

binaries=$1
shift
for parent in "$@"; do
    if folder=$(mktemp -d "$parent/racelab-XXXXXX"); then break; fi
done
if [ -z "$folder" ]; then fail "no folder for the server can be made in any of: $*"; fi
mkfifo "$folder/events" || fail "no named pipe can be made in $folder"
"$binaries/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 --locale=C \
    --no-sync --no-instructions >"$folder/log" 2>&1 || fail "initdb failed"
start
trap 'exit 1' TERM
while read -r command; do
    case $command in
    stop)
        stop
        echo stopped
        ;;
    start) start ;;
    esac
done
