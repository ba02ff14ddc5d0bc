"""What a folder or label is for, by its name in many languages and mail programs."""

import binascii
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from mailcare.mail.message import Role

_NAMES = {
    Role.SENT: """
        sent; sent items; sent mail; sent-mail; sent messages; gesendet; gesendete objekte; gesendete elemente
        gesendete nachrichten; envoyés; envoyé; éléments envoyés; messages envoyés; objets envoyés; courrier envoyé
        enviados; enviado; elementos enviados; mensajes enviados; correo enviado; enviadas; mensagens enviadas
        itens enviados; e-mails enviados; e-mail enviados; enviats; inviata; inviati; inviate; posta inviata
        elementi inviati; messaggi inviati; verzonden; verzonden items; verzonden berichten; wysłane
        elementy wysłane; wiadomości wysłane; skickat; skickade; skickade objekt; skickade meddelanden; sendt
        sendt post; sendte; sendte elementer; sendte meddelelser; sendte e-poster; lähetetyt; lähetetyt viestit
        lähetetyt kohteet; odeslané; odeslaná pošta; odeslané zprávy; odoslané; odoslaná pošta; elküldött
        elküldött elemek; elküldött üzenetek; trimise; elemente trimise; mesaje trimise; poslano; poslane stavke
        отправленные; отправленные элементы; отправленные письма; надіслані; надіслані елементи; изпратени
        απεσταλμένα; gönderilmiş öğeler; gönderilmiş postalar; gönderilenler; gönderilen öğeler; gönderilmiş
        送信済み; 送信済みメール; 送信済みアイテム; 送信済みトレイ; 送信済みメッセージ; 已发送; 已发送邮件; 已发邮件
        寄件備份; 寄件備份匣; 已傳送郵件; 已傳送的郵件; 보낸편지함; 보낸 편지함; 보낸메일함; פריטים שנשלחו
        דואר שנשלח; البريد المرسل; العناصر المرسلة; terkirim""",
    Role.DRAFTS: """
        drafts; draft; entwürfe; entwurf; brouillons; brouillon; borradores; borrador; esborranys; rascunhos
        rascunho; bozze; bozza; concepten; wersje robocze; robocze; kopie robocze; szkice; utkast; kladder; kladde
        luonnokset; koncepty; rozepsané; rozpísané; piszkozatok; ciorne; skice; черновики; чернетки; чернови
        πρόχειρα; taslaklar; 下書き; 草稿; 草稿箱; 草稿匣; 임시보관함; 임시 보관함; טיוטות; المسودات; مسودات; draf
        outbox; unsent; unsent messages; unsent mail; send later; postponed; postponed-msgs; postponed msgs; scheduled
        templates; postausgang; nicht gesendet; ungesendete nachrichten; geplant; vorlagen; boîte d'envoi
        boîte d’envoi; messages non envoyés; messages en attente; programmés; planifiés; modèles; bandeja de salida
        mensajes sin enviar; no enviados; programados; plantillas; posta in uscita; in uscita; non inviati
        messaggi non inviati; programmati; modelli; postvak uit; niet verzonden; te verzenden; gepland; sjablonen
        caixa de saída; a enviar; não enviadas; mensagens não enviadas; agendados; agendadas; modelos
        skrzynka nadawcza; do wysłania; niewysłane; zaplanowane; szablony; utkorg; utkorgen; ej skickat; schemalagda
        mallar; utboks; planlagt; udbakke; usendte; skabeloner; lähtevät; lähtevät viestit; ajoitetut
        pošta k odeslání; neodeslané; odchozí; naplánované; šablony; pošta na odoslanie; na odoslanie; neodoslané
        postázandó; postázandó üzenetek; elküldetlen; ütemezett; sablonok; de trimis; netrimise; programate; șabloane
        исходящие; неотправленные; запланированные; шаблоны; вихідні; заплановані; шаблони; изходящи; εξερχόμενα
        προγραμματισμένα; πρότυπα; giden kutusu; gönderilmemiş; zamanlanmış; şablonlar; 送信トレイ; 未送信
        未送信メッセージ; 予約済み; 予約送信; テンプレート; 发件箱; 待发送; 已安排; 定时发送; 模板; 寄件匣; 待送郵件
        已排定; 範本; 보낼 편지함; 보낼편지함; 예약됨; 예약 편지함; 템플릿; דואר יוצא; صندوق الصادر; البريد الصادر
        مجدولة""",
    Role.SPAM: """
        spam; junk; junk e-mail; junk email; junk mail; bulk mail; spamverdacht; junk-e-mail; unerwünscht
        unerwünschte werbung; indésirables; courrier indésirable; pourriel; correo no deseado; no deseado
        correo basura; correu brossa; lixo eletrônico; lixo eletrónico; lixo electrónico; posta indesiderata
        indesiderata; ongewenste e-mail; ongewenst; wiadomości-śmieci; niechciane; skräppost; uønsket e-post
        uønsket e-mail; uønsket mail; uønsket post; søppelpost; roskaposti; nevyžádaná pošta; nevyžádané
        nevyžiadaná pošta; levélszemét; mesaje nedorite; neželjena e-pošta; спам; нежелательная почта
        небажана пошта; нежелана поща; ανεπιθύμητα; ανεπιθύμητη αλληλογραφία; önemsiz; önemsiz e-posta
        istenmeyen; istenmeyen posta; 迷惑メール; 垃圾邮件; 垃圾郵件; 스팸; 스팸함; 스팸메일함; 정크 메일
        דואר זבל; ספאם; البريد العشوائي; بريد غير هام""",
    Role.TRASH: """
        trash; bin; deleted; deleted items; deleted messages; papierkorb; gelöscht; gelöschte elemente
        gelöschte objekte; gelöschte nachrichten; corbeille; éléments supprimés; messages supprimés; supprimés
        papelera; papelera de reciclaje; elementos eliminados; eliminados; mensajes eliminados; paperera; lixeira
        lixo; itens excluídos; itens eliminados; excluídos; mensagens excluídas; cestino; posta eliminata
        eliminati; elementi eliminati; messaggi eliminati; prullenbak; prullenmand; verwijderd
        verwijderde items; verwijderde berichten; kosz; elementy usunięte; usunięte; papperskorgen; papperskorg
        borttaget; borttagna objekt; raderade; papirkurv; papirkurven; slettet; slettet post; slettede elementer
        slettede meddelelser; søppel; søppelkasse; roskakori; poistetut; poistetut viestit; poistetut kohteet
        koš; odstraněná pošta; odstraněné; kôš; odstránené; odpadky; kuka; lomtár; törölt elemek; coș de gunoi
        elemente șterse; smeće; izbrisane stavke; корзина; удаленные; удалённые; удаленные элементы
        кошик; видалені; кошче; изтрити; κάδος απορριμμάτων; κάδος; διαγραμμένα; çöp; çöp kutusu; çöp sepeti
        silinmiş öğeler; silinen öğeler; silinmiş; ゴミ箱; ごみ箱; 削除済みアイテム; 削除済みメッセージ; 已删除
        已删除邮件; 已刪除的郵件; 刪除的郵件; 垃圾桶; 废件箱; 휴지통; 지운 편지함; 지운편지함; 삭제된 항목; אשפה
        פריטים שנמחקו; سلة المهملات; المهملات; العناصر المحذوفة; sampah""",
}


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").casefold().split())


_ROLES = {_plain(name): role for role, names in _NAMES.items() for name in re.split(r"[;\n]", names) if name.strip()}


def roles(folders: Iterable[str]) -> tuple[Role, ...]:
    """What these folders are for, each role once. A sub-folder (``Trash/2024``) is for what its parents are for."""
    return tuple(dict.fromkeys(role for folder in folders for role in _roles(folder)))


_DOTTED = re.compile(r"(?:INBOX|\[[^\]/]+\])\.", re.IGNORECASE)
"""How a name begins whose folders are parted by dots: ``INBOX.Trash.2024``, ``[Gmail].Trash``."""


@lru_cache(maxsize=4096)
def _roles(folder: str) -> tuple[Role, ...]:
    parts = re.split(r"[/\\]", folder)
    if _DOTTED.match(folder):
        parts = [inner for part in parts for inner in part.split(".")]
    return tuple(role for part in parts if (role := _ROLES.get(_plain(utf7_decoded(part)))))


def utf7_decoded(name: str) -> str:
    """A folder's name from IMAP's modified UTF-7 (RFC 3501 §5.1.3), in which Maildirs keep it too."""
    return re.sub(r"&([A-Za-z0-9+,]*)-", lambda found: _utf16(found[1]) if found[1] else "&", name)


def _utf16(base64: str) -> str:
    try:
        octets = binascii.a2b_base64(base64.replace(",", "/") + "=" * (-len(base64) % 4))
    except binascii.Error:
        return f"&{base64}-"
    return octets.decode("utf-16-be", "replace")
