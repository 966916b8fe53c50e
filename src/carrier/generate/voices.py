#!/usr/bin/env python3
"""Makes the simulated public's voices: clips of 8 kHz mu-law as one C file.

  voices.py OUTPUT.c

Speech is spoken by espeak-ng from the texts below, in French and in English; tones are composed.
Nothing here is a recording, so there is nothing to license. ITU-T E.180 gives the French and
British tones, Q.35 the special information tone.
"""
import audioop
import io
import math
import struct
import subprocess
import sys
import wave

RATE = 8000
PERSONS = [("fr", "Allô ?"), ("fr", "Oui, bonjour ?"), ("fr", "Allô, j'écoute."),
           ("fr", "Société Dupont, Jeanne à l'appareil, bonjour."),
           ("en", "Hello?"), ("en", "Hello, who is calling?"), ("en", "Yes, good morning?")]
TALKS = [("fr", "Oui, je vous écoute. D'accord. Pouvez-vous me rappeler de quoi il s'agit ?"),
         ("fr", "Très bien, merci. Je note. À bientôt."),
         ("en", "Yes, I am listening. All right. Could you tell me what this is about?"),
         ("en", "Very well, thank you. I will think about it. Goodbye.")]
MACHINES = [
    ("fr", "Bonjour, vous êtes bien chez Marie et Paul. Nous ne sommes pas disponibles pour le "
           "moment. Laissez-nous un message après le signal sonore, nous vous rappellerons."),
    ("fr", "Vous êtes sur la messagerie vocale du zéro six, douze, trente-quatre. Votre "
           "correspondant n'est pas disponible. Veuillez laisser un message après le bip."),
    ("en", "Hi, you have reached the voicemail of the Smith family. We cannot come to the phone "
           "right now. Please leave your name and number after the beep."),
]
ANNOUNCEMENTS = [("fr", "Le numéro que vous avez composé n'est pas attribué. Veuillez consulter "
                        "l'annuaire."),
                 ("en", "The number you have dialled is not in service. Please check the number "
                        "and try again.")]
AGENTS = [("fr", "Bonjour, Cadran service clients, je vous appelle au sujet de votre contrat."),
          ("en", "Good morning, this is the customer service calling about your contract.")]


def speak(language, text, pitch):
    voice = {"fr": "fr-fr", "en": "en-gb"}[language]
    wav = subprocess.run(["espeak-ng", "-v", voice, "-p", str(pitch), "-s", "165", "--stdout",
                          text], stdout=subprocess.PIPE, check=True).stdout
    with wave.open(io.BytesIO(wav)) as reader:
        # espeak-ng streams its header before it knows the length
        frames = reader.readframes(10 ** 9)
        mono = frames if reader.getnchannels() == 1 else audioop.tomono(frames, 2, 0.5, 0.5)
        narrow, _ = audioop.ratecv(mono, 2, 1, reader.getframerate(), RATE, None, 3, 1)
    return audioop.mul(narrow, 2, 0.5)


def tone(frequencies, ms, level=0.2):
    samples = []
    for i in range(RATE * ms // 1000):
        value = sum(math.sin(2 * math.pi * f * i / RATE) for f in frequencies)
        samples.append(int(32767 * level * value / max(1, len(frequencies))))
    return struct.pack(f"<{len(samples)}h", *samples)


def silence(ms):
    return b"\0\0" * (RATE * ms // 1000)


def clips():
    """(name, list of clips, each PCM 16)"""
    pitches = [35, 50, 65, 80]
    groups = {}
    for name, texts in (("person", PERSONS), ("talk", TALKS), ("agent", AGENTS)):
        groups[name] = [speak(lang, text, pitches[i % 4]) for i, (lang, text) in enumerate(texts)]
    groups["machine"] = [speak(lang, text, pitches[i % 4]) + silence(300) + tone([1000], 400, 0.3)
                         for i, (lang, text) in enumerate(MACHINES)]
    sit = tone([950], 330) + tone([1400], 330) + tone([1800], 330) + silence(300)
    groups["unknown"] = [sit + speak(lang, text, 50) for lang, text in ANNOUNCEMENTS]
    groups["ringback"] = [tone([440], 1500) + silence(3500),
                          tone([400, 450], 400) + silence(200) + tone([400, 450], 400)
                          + silence(2000)]
    groups["busy"] = [(tone([440], 500) + silence(500)) * 5, (tone([400], 375) + silence(375)) * 6]
    groups["congestion"] = [(tone([440], 250) + silence(250)) * 10]
    groups["fax"] = [silence(1800) + tone([2100], 3000)]
    return groups


def main():
    out = ["/* Made by src/carrier/generate/voices.py; not edited by hand. */",
           '#include "carrier/voice.h"', ""]
    table = []
    for name, pcm in clips().items():
        for i, one in enumerate(pcm):
            data = audioop.lin2ulaw(one, 2)
            data += b"\xff" * (-len(data) % 160)
            body = ",".join(str(b) for b in data)
            out.append(f"static const uint8_t {name}_{i}[] = {{{body}}};")
            table.append(f"    {{VOICE_{name.upper()}, {name}_{i}, sizeof({name}_{i})}},")
    out += ["const struct voice voices[] = {", *table, "};",
            "const size_t voice_count = sizeof(voices) / sizeof(voices[0]);", ""]
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write("\n".join(out))


if __name__ == "__main__":
    main()
