# Waits for as many helpers as HELPERS says, and then reports in the wire format.
attempt=$(printf %s "$SWEEPWRIGHT_TRIAL" | sed 's/.*"attempt":\([0-9]*\).*/\1/')

report() {
    printf '{"sweepwright":1,"attempt":%s,"role":"%s","rank":%s,"sequence":%s,"kind":"%s","metrics":%s}\n' \
        "$attempt" "$SWEEPWRIGHT_ROLE" "$SWEEPWRIGHT_RANK" "$1" "$2" "$3" \
        >>"${SWEEPWRIGHT_REPORTS#file:}"
}

helpers() {
    cat "ready-$attempt" 2>/dev/null | wc -l
}

sleep 1000 &
report 0 intermediate '{"default":0.5}'
echo "leads attempt $attempt"
touch "led-$attempt"
while [ "$(helpers)" -lt "$HELPERS" ]; do sleep 0.05; done
report 1 final "{\"default\":0.25,\"helpers\":$(helpers)}"
echo "is done"
