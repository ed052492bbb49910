/**
 * Programs for `python3 -c`: a PPTP server and client as far as NAT is concerned (RFC 2637: the call is set up over TCP, its tunnel
 * answers), hosts that speak ESP by raw sockets (a kernel for tests may have none of its own), and one that sends a datagram in fragments whose last comes first.
 */

/** argv: address to listen on. Answers every call with an id of its own, and what comes in a call's tunnel with 'echo ' in front of it. */
export const pptpServer = `
import socket, struct, sys, threading
where = sys.argv[1]
gre = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47); gre.bind((where, 0))
calls = {}
def control(client, address):
    heard = b""
    while len(heard) < 168:
        more = client.recv(4096)
        if not more: return
        heard += more
    theirs = struct.unpack(">H", heard[12:14])[0]
    mine = 0x7000 + len(calls) + 1
    calls[mine] = theirs
    client.sendall(struct.pack(">HHIHHHHBBHIHHI", 32, 1, 0x1a2b3c4d, 8, 0, mine, theirs, 1, 0, 0, 64000, 16, 0, 0))
    client.recv(1)
def tunnels():
    while True:
        packet, (who, _) = gre.recvfrom(4096)
        body = packet[(packet[0] & 15) * 4:]
        mine = struct.unpack(">H", body[6:8])[0]
        if mine not in calls: continue
        data = b"echo " + body[12:]
        gre.sendto(struct.pack(">HHHHI", 0x3001, 0x880b, len(data), calls[mine], 1) + data, (who, 0))
threading.Thread(target=tunnels, daemon=True).start()
s = socket.create_server((where, 1723))
while True:
    c, a = s.accept()
    threading.Thread(target=control, args=(c, a), daemon=True).start()
`;

/** argv: server, call id, what to say. Prints what the server was told and what comes back through the tunnel. */
export const pptpClient = `
import socket, struct, sys, time
server, mine, words = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
gre = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47); gre.settimeout(0.5)
s = socket.create_connection((server, 1723), 3); s.settimeout(3)
s.sendall(struct.pack(">HHIHHHHIIIIHHH", 168, 1, 0x1a2b3c4d, 7, 0, mine, 1, 300, 100000000, 3, 3, 64, 0, 0).ljust(168, b"\\0"))
answer = s.recv(4096)
theirs, told = struct.unpack(">HH", answer[12:16])
print("call", told == mine)
for _ in range(10):
    gre.sendto(struct.pack(">HHHHI", 0x3001, 0x880b, len(words), theirs, 1) + words, (server, 0))
    try: packet = gre.recv(4096)
    except socket.timeout: continue
    body = packet[(packet[0] & 15) * 4:]
    print("tunnel", struct.unpack(">H", body[6:8])[0] == mine, body[12:].decode())
    break
time.sleep(float(sys.argv[4]))
`;

/** argv: own address. Answers ESP by the SPI that belongs to the one it came with, as was agreed upon. */
export const espPeer = `
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50); s.bind((sys.argv[1], 0))
while True:
    packet, (who, _) = s.recvfrom(4096)
    body = packet[(packet[0] & 15) * 4:]
    spi, n = struct.unpack(">II", body[:8])
    s.sendto(struct.pack(">II", spi + 0xa0000, n) + body[8:], (who, 0))
`;

/** argv: peer, SPI, words, how often. Prints how many of them came back by the right SPI with the same words. */
export const espHost = `
import socket, struct, sys
peer, spi, words, n = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), int(sys.argv[4])
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50); s.settimeout(2)
right = 0
for i in range(n):
    s.sendto(struct.pack(">II", spi, i) + words, (peer, 0))
    try: packet = s.recv(4096)
    except socket.timeout: continue
    body = packet[(packet[0] & 15) * 4:]
    if body == struct.pack(">II", spi + 0xa0000, i) + words: right += 1
print(words.decode(), right, "of", n)
`;

/** argv: own address, server, port, octets, octets of a piece (a multiple of 8). Sends a datagram in pieces, backwards, and prints whether it is echoed whole. */
export const backwards = `
import os, socket, struct, sys
own, server, port, n, step = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind((own, 0)); u.settimeout(3)
data = os.urandom(n)
whole = struct.pack(">HHHH", u.getsockname()[1], port, 8 + n, 0) + data
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for at in reversed(range(0, len(whole), step)):
    piece = whole[at:at + step]
    more = 0x2000 if at + step < len(whole) else 0
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(piece), 4711, more | at >> 3, 64, 17, 0, socket.inet_aton(own), socket.inet_aton(server))
    raw.sendto(head + piece, (server, 0))
print("whole", u.recv(65535) == data)
`;
