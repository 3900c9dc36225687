package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// reader is load.py at work: one process takes snapshot after snapshot, for to
// start one and to sign in costs the server more than the reading.
type reader struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

// reading has load.py as a module write one snapshot for each line that it is
// given, just as its command does.
const reading = `
import importlib.util, json, sys, time
spec = importlib.util.spec_from_file_location("load", sys.argv[1])
load = importlib.util.module_from_spec(spec)
spec.loader.exec_module(load)
for line in sys.stdin:
    q = json.loads(line)
    load._tok[:] = [q["token"], time.time()]
    try:
        s = load.snapshot(q["realm"])
        with open(q["file"], "w") as f:
            f.write(json.dumps(s, indent=1, sort_keys=True, ensure_ascii=False))
        print(json.dumps(""), flush=True)
    except Exception as e:
        print(json.dumps(repr(e)), flush=True)
`

// newReader starts load.py.
func (b *bench) newReader() (*reader, error) {
	cmd := exec.Command("python3", "-c", reading, filepath.Join(b.corpus, "load.py"))
	cmd.Env = append(os.Environ(), "KC_URL="+b.server.URL, "KC_ADMIN="+b.server.Username, "KC_ADMIN_PASSWORD="+b.server.Password)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &reader{in, bufio.NewScanner(out)}, cmd.Start()
}

// read has load.py read a realm into a file.
func (b *bench) read(ctx context.Context, realm, file string) error {
	token, err := b.client.AccessToken(ctx)
	if err != nil {
		return err
	}
	var r *reader
	select {
	case r = <-b.readers:
	default:
		if r, err = b.newReader(); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(r.in).Encode(map[string]string{"realm": realm, "file": file, "token": token}); err != nil {
		return fmt.Errorf("load.py: %w", err)
	}
	var wrong string
	if !r.out.Scan() || json.Unmarshal(r.out.Bytes(), &wrong) != nil {
		return fmt.Errorf("load.py ended: %v", r.out.Err())
	}
	b.readers <- r
	if wrong != "" {
		return fmt.Errorf("load.py snapshot %s: %s", realm, wrong)
	}
	return nil
}
