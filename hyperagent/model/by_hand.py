#!/usr/bin/env python3
"""A person as the model: `hyperagent run --model command --model-command "python3 .../by_hand.py" ...`

Reads a prompt on standard input and gets its completion from a person, one question at a time.

  by_hand.py                  shows the prompt on the terminal; type the answer and end it with a line that holds a single dot
  by_hand.py --editor         opens $EDITOR on the prompt; what stands below the marked line when it is closed is the answer
  by_hand.py --files FOLDER   writes FOLDER/NNNN.prompt.md and waits until FOLDER/NNNN.reply.md is there (write it elsewhere and move it in)

Give the run time to wait and few questions: --generations 1 --batch 1 --model-timeout 86400.
"""
import argparse
import fcntl
import os
import subprocess
import sys
import tempfile
import time

LONGEST_LINE = 4095  # of what a terminal hands over; it drops the rest without a word
MARK = "======== answer below this line ========"


def ask_terminal(prompt):
    with open("/dev/tty", "r+b", buffering=0) as tty:
        tty.write(("\n" + prompt + "\n---- your answer, ended by a line with a single dot ----\n").encode())
        lines, rest, cut = [], b"", False
        while True:
            data = os.read(tty.fileno(), 1 << 16)
            if not data:
                return b"".join(lines + [rest]).decode(errors="replace")
            rest += data
            while b"\n" in rest:
                line, rest = rest.split(b"\n", 1)
                if line.strip() == b"." and cut:
                    tty.write(b"---- a line was longer than the terminal passes on; answer again in shorter ones, or use --editor or --files ----\n")
                    lines, cut = [], False
                    continue
                if line.strip() == b".":
                    return b"".join(lines).decode(errors="replace")
                cut = cut or len(line) >= LONGEST_LINE
                lines.append(line + b"\n")


def ask_editor(prompt):
    with tempfile.NamedTemporaryFile("w+", suffix=".md", encoding="utf-8") as file:
        file.write(prompt + "\n" + MARK + "\n")
        file.flush()
        with open("/dev/tty", "rb+", buffering=0) as tty:
            subprocess.run(os.environ.get("EDITOR", "vi") + " " + file.name, shell=True, check=True, stdin=tty, stdout=tty)
        with open(file.name, encoding="utf-8") as edited:
            return edited.read().rpartition(MARK)[2]


def ask_files(folder, prompt):
    os.makedirs(folder, exist_ok=True)
    number = 1
    while True:
        place = os.path.join(folder, "%04d.prompt.md" % number)
        try:
            with open(place, "x", encoding="utf-8") as file:
                file.write(prompt)
            break
        except FileExistsError:
            number += 1
    reply = os.path.join(folder, "%04d.reply.md" % number)
    while not os.path.exists(reply):
        time.sleep(0.1)
    with open(reply, encoding="utf-8") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--editor", action="store_true")
    parser.add_argument("--files", metavar="FOLDER")
    options = parser.parse_args()
    prompt = sys.stdin.read()
    if options.files:
        answer = ask_files(options.files, prompt)
    else:
        # Workers ask at the same time; a person answers one after the other.
        with open(os.path.join(tempfile.gettempdir(), "hyperagent-by-hand-%d.lock" % os.getuid()), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            answer = ask_editor(prompt) if options.editor else ask_terminal(prompt)
    sys.stdout.write(answer)


if __name__ == "__main__":
    main()
